"""Words in five languages that tell what a document is, and whether an author is an organisation."""

from __future__ import annotations

from functools import lru_cache

from knowledge.text import fold

_TYPES = {
    # The first that a title names counts: notes of a meeting on an evaluation are notes.
    "meeting-notes": """
        meeting notes, meeting note, notes of the meeting, note for the record, notes for the record, minutes,
        meeting minutes, meeting summary, summary record, action points,
        compte rendu, compte rendu de réunion, procès verbal, notes de réunion, relevé de conclusions,
        relevé de décisions,
        acta, actas, minuta, minutas, notas de la reunión, notas de reunión, resumen de la reunión, ayuda memoria,
        ata, atas, notas da reunião, memória da reunião, resumo da reunião,
        محضر, محضر اجتماع, محاضر, ملاحظات الاجتماع, ملخص الاجتماع
    """,
    "evaluation": """
        evaluation, evaluations, evaluation report, mid term review, midterm review, end term review, peer review,
        impact assessment, after action review, lessons learned, lessons learnt,
        évaluation, évaluations, revue à mi parcours, examen à mi parcours, leçons apprises, enseignements tirés,
        evaluación, evaluaciones, revisión de medio término, revisión intermedia, lecciones aprendidas,
        avaliação, avaliações, revisão intermédia, lições aprendidas,
        تقييم, التقييم, تقويم, الدروس المستفادة
    """,
    "report": """
        report, annual report, reports, situation report, sitrep, dashboard,
        rapport, rapports, rapport annuel, bilan,
        informe, informes, reporte, memoria anual, informe anual,
        relatório, relatórios, relatório anual,
        تقرير, التقرير, التقرير السنوي, تقارير
    """,
    "statute": """
        statute, statutes, charter, constitution, by laws, bylaws, articles of association, decree, founding act,
        convention, treaty,
        statuts, statut, charte, décret, arrêté, acte constitutif, traité,
        estatuto, estatutos, carta orgánica, decreto, ley, acuerdo de creación, acta constitutiva, escritura pública,
        lei, portaria, constituição,
        النظام الأساسي, النظام الداخلي, ميثاق, مرسوم, قانون, دستور
    """,
    "strategic-plan": """
        strategic plan, strategy, strategic framework, strategies, corporate plan, programme framework, roadmap,
        contingency plan, response plan,
        plan stratégique, stratégie, cadre stratégique, orientations, plan de réponse, feuille de route, stratégies,
        plan estratégico, estrategia, marco estratégico, plan de respuesta, plan de vida, hoja de ruta, estrategias,
        plano estratégico, estratégia, quadro estratégico, plano de resposta, estratégias,
        الخطة الاستراتيجية, خطة استراتيجية, استراتيجية, الاستراتيجية, خطة الاستجابة
    """,
    "mandate": """
        mandate, mandates, terms of reference, mission statement, about us, who we are,
        mandat, mandats, termes de référence, missions,
        mandato, mandatos, términos de referencia, funciones,
        termos de referência, atribuições,
        ولاية, الولاية, تفويض, اختصاصات, الاختصاصات
    """,
}
_TOGETHER = {
    "meeting-notes": (
        ("notes", "meeting"), ("record", "meeting"), ("notes", "réunion"), ("notas", "reunión"), ("notas", "reunião"),
    )
}  # fmt: skip
"""Words that tell the type where a title holds them both: "Notes of the water coordination meeting"."""
_ORGANISATION_WORDS = """
    agency agencies alliance association authority bank board bureau center centre church club coalition commission
    committee company consortium cooperation corporation council department directorate embassy federation forum
    foundation fund government group inc initiative institute institution international league limited llc ltd ministry
    mission nations network ngo office organisation organization partnership programme program project relief
    secretariat service services society task team trust union university unit world aid
    agence alliance assemblee autorite banque bureau cellule centre coalition collectif comite commission conseil
    consortium croix direction federation fondation fonds gouvernement groupe institut ministere ong organisation
    programme reseau secretariat societe syndicat unies universite
    agencia alianza alcaldia asociacion autoridad banco centro comision comite consejo consorcio corporacion cruz
    direccion federacion fondo fundacion gobierno grupo iniciativa instituto liga ministerio mesa naciones oficina
    organizacion programa red secretaria sociedad unidad universidad
    agencia associacao autoridade banco centro comissao conselho cooperacao departamento direcao federacao fundacao
    fundo governo instituto ministerio organizacao rede secretaria sociedade universidade
    جمعيه جمعية منظمه منظمة وزاره وزارة مؤسسه مؤسسة هيئه هيئة مكتب اتحاد بنك
    لجنه لجنة جامعه جامعة صندوق مجلس برنامج وكاله وكالة
"""
_NOBODY = {"admin", "administrator", "user", "owner", "hp", "pc", "dell", "acer", "asus", "home", "office", "author"}
_LONGEST_ACRONYM = 10


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for kind, written in _TYPES.items():
        phrases = {fold(phrase) for phrase in written.replace("\n", " ").split(",") if phrase.strip()}
        found.append((kind, tuple(sorted(phrases))))
    return tuple(found)


@lru_cache(maxsize=1)
def _organisation_words() -> frozenset[str]:
    return frozenset(fold(_ORGANISATION_WORDS).split())


@lru_cache(maxsize=4_096)
def type_of(words: str) -> str:
    """The type of document that a title or a declaration names: statute, mandate, strategic-plan, evaluation,
    meeting-notes or report; "" where it names none."""
    padded = f" {fold(words)} "
    if padded.strip().replace(" ", "-") in _TYPES:
        return padded.strip().replace(" ", "-")
    for kind, pairs in _TOGETHER.items():
        if any(all(f" {fold(word)} " in padded for word in pair) for pair in pairs):
            return kind
    named = [(kind, phrase) for kind, phrases in _phrases() for phrase in phrases if f" {phrase} " in padded]
    for kind, phrase in named:
        # "acta constitutiva" founds an organisation, though "acta" alone is the notes of a meeting.
        if not any(f" {phrase} " in f" {other} " for _, other in named if other != phrase):
            return kind
    return ""


def looks_like_organisation(name: str) -> bool:
    """Whether an author is an organisation: one of its words says so, or it is an acronym."""
    words = fold(name).split()
    if not words or len(name) > 200 or set(words) <= _NOBODY:
        return False
    if len(words) == 1:
        return name.isupper() and 2 < len(name) <= _LONGEST_ACRONYM and name.isalpha()
    return any(word in _organisation_words() for word in words)
