"""The words that headers of presence tables use, in English, French, Spanish, Portuguese and Arabic, folded."""

from __future__ import annotations

from knowledge.records import Role


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


ROLES = (
    # A programme partner answers for the work and passes it on to who implements it: what IATI calls accountable.
    (Role.ACCOUNTABLE, _words("programme program programa برنامج lead chef prime grantee")),
    (
        Role.FUNDING,
        _words(
            "donor donors donateur bailleur bailleurs donante donantes doador doadores financeur funder funding",
            "financement financier financiador مانح المانح الجهه الممول",
        ),
    ),
    (
        Role.IMPLEMENTING,
        _words(
            "implementing implementer implementor implementation execution oeuvre ejecutor ejecutora implementador",
            "implementadora executor executora منفذ المنفذ المنفذه",
        ),
    ),
)
ORGANISATION = _words(
    "organisation organization org organizacion organizacao organismo partner partenaire socio parceiro agency agence",
    "agencia ong ngo entidad entidade structure المنظمه منظمه الشريك شريك المنظمات",
)
ACRONYM = _words(
    "acronym acronyme acronimo sigle sigla siglas abbreviation abbr abreviation short اختصار الاختصار مختصر"
)
KIND = _words("type typology kind category categorie tipo نوع")
CODE = _words("pcode pcod pcodes code codigo cod الرمز رمز كود")
LEVELS: dict[str, float] = {
    word: rank
    for rank, words in (
        (1.0, _words("region regions estado state governorate gouvernorat gobernacion wilaya oblast")),
        (1.0, _words("الولايه ولايه المحافظه محافظه منطقه المنطقه")),
        (1.2, _words("province provinces provincia departamento prov")),
        (1.6, _words("departement departements department")),
        (
            2.0,
            _words("zone zona district districts distrito county cercle territoire municipio municipality moughataa"),
        ),
        (2.0, _words("lga raion القضاء قضاء مديريه المديريه المحليه محليه")),
        (2.5, _words("arrondissement subdistrict hromada upazila canton ناحيه الناحيه")),
        (3.0, _words("woreda commune communes comuna subcounty township payam bairro عزله العزله بلديه")),
        (3.5, _words("ward union kebele boma parroquia")),
    )
    for word in words
}
"""Word -> rank; only the order within one table counts, since the same word is another level in another country."""
SITE = _words(
    "locality localite localidad localidade village site sitio camp settlement town city ville location lieu",
    "موقع الموقع القريه قريه",
)
CLUSTER = _words("cluster clusters sector secteur setor subcluster القطاع قطاع الكتله")
ACTIVITY = _words(
    "activity activities activite activites actividad actividades atividade atividades intervention",
    "project projet proyecto projeto النشاط نشاط الانشطه مشروع",
)
STATUS = _words("status statut estado estatus situacao etat حاله الحاله")
COUNTRY = _words("country pays pais البلد بلد الدوله")
PEOPLE = _words("beneficiaries beneficiary beneficiaires beneficiarios reached atteints المستفيدين المستفيدون")
IGNORED = _words(
    "icon icones icone url path count id archive link warning error hdx resource dataset email phone contact telephone"
)
EDGES = dict.fromkeys(_words("start debut inicio begin from البدايه بدايه"), "start") | dict.fromkeys(
    _words("end fin fim termino until النهايه نهايه"), "end"
)
WHEN = (
    dict.fromkeys(_words("month mois mes شهر الشهر"), "month")
    | dict.fromkeys(_words("year annee ano anio السنه سنه"), "year")
    | dict.fromkeys(_words("date fecha data period periode periodo تاريخ التاريخ الفتره"), "period")
)
COORDINATES = dict.fromkeys(_words("lat latitude latitud y"), "latitude") | dict.fromkeys(
    _words("lon long lng longitude longitud x"), "longitude"
)
