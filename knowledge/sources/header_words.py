"""The words that headers of tables use, in English, French, Spanish, Portuguese and Arabic, folded."""

from __future__ import annotations

import re

from knowledge.records import Role
from knowledge.sources.guard import fold

_ARABIC_VARIANTS = str.maketrans("ةى", "هي")


def folded(text: str) -> str:
    """Lower case without accents, with one spelling for Arabic letters that are written in several ways."""
    return fold(text).translate(_ARABIC_VARIANTS)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in folded(line).split())


ROLES = (
    # A programme partner answers for the work and passes it on to who implements it: what IATI calls accountable.
    (Role.ACCOUNTABLE, _words("programme program programa برنامج البرنامج lead chef lider prime grantee")),
    (
        Role.FUNDING,
        _words(
            "donor donors donateur bailleur bailleurs donante donantes doador doadores financeur funder funding",
            "financement financeurs financier financiador financiadora financiadores financiado financiamiento",
            "financiacion financiamento مانح المانح المانحه المانحين الجهه الممول الممولون الداعم",
        ),
    ),
    (
        Role.IMPLEMENTING,
        _words(
            "implementing implementer implementor implementation execution oeuvre ejecutor ejecutora implementador",
            "implementadora implementadores executant executor executora executoras منفذ المنفذ المنفذه",
        ),
    ),
)
ORGANISATION = _words(
    "organisation organization org organizacion organizacao organismo partner partenaire socio parceiro agency agence",
    "agencia agencias ong ngo ongs ngos entidad entidade structure organisations organizations organizaciones",
    "organizacoes partners partenaires socios parceiros agencies agences organismo organisme",
    "المنظمه منظمه الشريك شريك المنظمات الشركاء الوكاله وكاله",
)
ACRONYM = _words(
    "acronym acronyms acronyme acronymes acronimo acronimos sigle sigles sigla siglas abbreviation abbr abreviation",
    "abreviatura short اختصار الاختصار مختصر المختصر",
)
KIND = _words("type typology kind category categorie tipo نوع")
CODE = _words("pcode pcod pcodes code codigo cod الرمز رمز كود")
NAME = _words("name nom nome nombre full complet completo اسم الاسم")
LEVELS: dict[str, float] = {
    word: rank
    for rank, words in (
        (1.0, _words("region regions estado state governorate gouvernorat gobernacion wilaya oblast")),
        (1.0, _words("regiones regioes estados states governorates gouvernorats wilayas oblasts")),
        (1.0, _words("الولايه ولايه المحافظه محافظه منطقه المنطقه")),
        (1.2, _words("province provinces provincia provincias departamento departamentos prov prefecture")),
        (1.6, _words("departement departements department")),
        (
            2.0,
            _words("zone zona district districts distrito county cercle territoire municipio municipality moughataa"),
        ),
        (2.0, _words("zones distritos counties cercles territoires municipios municipalities lgas")),
        (2.0, _words("lga raion concelho القضاء قضاء مديريه المديريه المحليه محليه")),
        (2.5, _words("arrondissement subdistrict sousprefecture chefferie hromada upazila canton ناحيه الناحيه")),
        (3.0, _words("woreda commune communes comuna subcounty township payam bairro posto عزله العزله بلديه البلديه")),
        (3.5, _words("ward union kebele boma parroquia barrio corregimiento")),
    )
    for word in words
}
"""Word -> rank; only the order within one table counts, since the same word is another level in another country."""
SITE = _words(
    "locality localite localidad localidade village site sitio camp settlement town city ville location lieu",
    "aldeia aldea vereda povoado bourg موقع الموقع القريه قريه المدينه مدينه مخيم المخيم",
)
CLUSTER = _words(
    "cluster clusters sector sectors secteur secteurs sectores setor setores subcluster القطاع قطاع الكتله كتله",
    "المجموعه",
)
ACTIVITY = _words(
    "activity activities activite activites actividad actividades atividade atividades intervention",
    "project projet proyecto projeto النشاط نشاط الانشطه انشطه مشروع المشروع",
)
STATUS = _words("status statut estado estatus situacao situacion etat avancement حاله الحاله وضع")
COUNTRY = _words("country countries pays pais البلد بلد الدوله دوله")
PEOPLE: dict[str, str] = {
    word: figure
    for figure, words in (
        (
            "in_need",
            _words(
                "inneed pin need needs besoin besoins necesidad necesidades necesitadas necesitados necessidade",
                "necessidades necessitadas necessitados المحتاجين المحتاجون محتاج محتاجين الاحتياج",
            ),
        ),
        (
            "targeted",
            _words(
                "target targets targeted cible cibles ciblee ciblees meta metas priorizadas alvo visees vises",
                "المستهدفين المستهدفون المستهدف المستهدفه",
            ),
        ),
        (
            "reached",
            _words(
                "reached served assisted beneficiaries beneficiary beneficiaire beneficiaires beneficiarios",
                "beneficiarias beneficiario atteint atteints atteintes assistees assistes alcanzados",
                "alcanzadas atendidos atendidas",
                "alcancados alcancadas assistidos assistidas المستفيدين المستفيدون المستفيد وصول",
            ),
        ),
        (
            "deaths",
            _words("deaths killed fatalities deces morts tues muertes fallecidos muertos mortes obitos القتلي الوفيات"),
        ),
        ("injured", _words("injured wounded blesses heridos feridos الجرحي")),
        ("displaced", _words("displaced deplaces desplazados desplazadas deslocados deslocadas النازحين النازحون")),
        ("population", _words("population populations poblacion populacao السكان")),
    )
    for word in words
}
"""Word -> what a column of numbers counts. Earlier figures win: "population in need" counts need."""
GROUP_WORDS = _words(
    "women men girls boys children adults elderly idps refugees returnees migrants host community disabilities",
    "disabled female male femmes hommes filles garcons enfants adultes deplaces refugies retournes handicapees",
    "mujeres hombres ninas ninos adultos refugiados migrantes comunidad mulheres homens meninas meninos criancas",
    "نساء رجال فتيات فتيان اطفال النساء الرجال الفتيات الفتيان الاطفال اللاجئين العائدين",
)
"""Words of a header that say whom its numbers count."""
FILLERS = _words(
    "people persons personnes personas pessoas individuals of in the no number nombre numero nb total totals all",
    "de des du del da do dans en con com le la les los las et and y e o d hh lo el اجمالي عدد الاشخاص اشخاص في من و",
)
"""Words of a header of people that say nothing of whom or what."""
GROUP = _words("group groups groupe groupes grupo grupos category categoria categorie type tipo فئه الفئه مجموعه")
AMOUNT = _words(
    "amount budget usd eur montant monto valor importe presupuesto orcamento cost cout costo value المبلغ الميزانيه"
)
IGNORED = _words(
    "icon icones icone url path count id archive link warning error hdx resource dataset email mail phone mobile",
    "contact contacts telephone telefono telefone focal correo whatsapp skype username submitted الهاتف البريد",
)
EDGES = dict.fromkeys(
    _words("start debut demarrage inicio begin from since البدايه بدايه البدء بدء"), "start"
) | dict.fromkeys(
    _words("end fin fim final finalizacion cloture termino conclusao until النهايه نهايه الانتهاء انتهاء"), "end"
)
WHEN = (
    dict.fromkeys(_words("month mois mes شهر الشهر"), "month")
    | dict.fromkeys(_words("year annee ano anio السنه سنه"), "year")
    | dict.fromkeys(_words("date fecha data period periode periodo تاريخ التاريخ الفتره"), "period")
)
COORDINATES = dict.fromkeys(_words("lat latitude latitud y"), "latitude") | dict.fromkeys(
    _words("lon long lng longitude longitud x"), "longitude"
)

# --- what is no data ------------------------------------------------------------------------------------------------

SIDE_SHEETS = _words(
    "list lists listes lista listas lookup lookups dropdown dropdowns validation codes pcodes metadata readme lisezmoi",
    "pivot pivots tcd dashboard summary resume resumen resumo synthese template instructions guide glossary legend",
    "قائمة قوائم ملخص تعليمات",
)
"""Words in the names of sheets that stand beside the data."""
PIVOT = re.compile(
    r"row labels|column labels|etiquettes de (?:lignes|colonnes)|etiquetas de (?:fila|columna)"
    r"|rotulos de (?:linha|coluna)|(?:count|sum|somme|nombre|suma|cuenta|soma|contagem) (?:of|de) .*"
)
"""Headers that spreadsheet programs write in pivot tables, folded."""
TOTALS = frozenset(
    folded(word)
    for word in (
        "total", "totals", "totaux", "totales", "totais", "grand total", "total general", "total geral", "total global",
        "sous total", "sous totaux", "subtotal", "sub total", "المجموع", "الإجمالي", "المجموع الكلي", "المجموع الفرعي",
    )
)  # fmt: skip
LIKE_TOTAL = re.compile("tota|مجموع|جمالي", re.IGNORECASE)
INDEX = _words(
    "index indices indice risk risque riesgo risco inform hazard hazards alea aleas amenaza vulnerability",
    "vulnerabilite vulnerabilidad vulnerabilidade severity",
    "severite severidad severidade exposure score مؤشر المؤشر خطر المخاطر",
)
INDICATOR = _words("indicator indicateur indicador index indice مؤشر المؤشر")
RANK = _words("rank ranking rang rango puesto posicao classement ترتيب")
CONTACTS = _words(
    "contact contacts focal email mail correo phone mobile telephone telefono telefone whatsapp skype person persona",
    "personne pessoa username submitted responsable responsible coordinator الهاتف البريد",
)
"""Words of columns that may name or reach a person."""
