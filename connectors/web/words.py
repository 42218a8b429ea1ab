"""Every word the page itself shows, in five languages. Words of answers and of records come from elsewhere.

A phrase with a number puts the number last ("Sources: 3"), so that no language needs plural forms.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Final

from babel.dates import get_month_names
from babel.numbers import format_decimal, format_percent

from connectors.web.cell_words import CELL_WORDS
from connectors.web.meeting_words import MEETING_WORDS
from connectors.web.overlap_words import OVERLAP_WORDS
from connectors.web.record_words import RECORD_WORDS
from connectors.web.source_words import SOURCE_WORDS

LANGUAGES: Final = ("en", "fr", "es", "ar", "pt")
LANGUAGE_NAMES: Final = {"en": "English", "fr": "Français", "es": "Español", "ar": "العربية", "pt": "Português"}
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ps", "ur"})

_Row = tuple[str, str, str, str, str]

_PAGE: Final[dict[str, _Row]] = {
    "app": ("Common Ground",) * 5,
    "skip": ("Skip to content", "Aller au contenu", "Ir al contenido", "انتقل إلى المحتوى", "Ir para o conteúdo"),
    "views": ("Views", "Vues", "Vistas", "الصفحات", "Páginas"),
    "nav_ask": ("Ask", "Demander", "Preguntar", "اسأل", "Perguntar"),
    "nav_sources": ("Sources", "Sources", "Fuentes", "المصادر", "Fontes"),
    "languages": ("Language", "Langue", "Idioma", "اللغة", "Idioma"),
    "about": (
        "Answers come from published records, each with its source. Silence in the index is not absence on the ground.",
        "Les réponses viennent de données publiées, chacune avec sa source. Le silence de l'index ne prouve pas "
        "l'absence sur le terrain.",
        "Las respuestas proceden de registros publicados, cada uno con su fuente. El silencio del índice no significa "
        "ausencia sobre el terreno.",
        "تستند الإجابات إلى سجلات منشورة، ولكل منها مصدره. خلوّ الفهرس لا يعني غياب العمل على الأرض.",
        "As respostas vêm de registos publicados, cada um com a sua fonte. O silêncio do índice não significa ausência "
        "no terreno.",
    ),
    "ask_title": (
        "Who is doing what, where?",
        "Qui fait quoi, où ?",
        "¿Quién hace qué y dónde?",
        "من يفعل ماذا وأين؟",
        "Quem faz o quê e onde?",
    ),
    "ask_lead": (
        "Ask in your own words about organisations, places and themes. Every answer names its sources.",
        "Demandez avec vos mots : organisations, lieux, thèmes. Chaque réponse cite ses sources.",
        "Pregunte con sus palabras sobre organizaciones, lugares y temas. Cada respuesta cita sus fuentes.",
        "اسأل بكلماتك عن المنظمات والأماكن والمواضيع. كل إجابة تذكر مصادرها.",
        "Pergunte por palavras suas sobre organizações, lugares e temas. Cada resposta cita as suas fontes.",
    ),
    "try": ("Try one of these", "Essayez par exemple", "Pruebe con una de estas", "جرّب أحد هذه الأسئلة", "Experimente"),
    "box": ("Your question", "Votre question", "Su pregunta", "سؤالك", "A sua pergunta"),
    "hint": (
        "Enter sends, Shift+Enter starts a new line, ↑ recalls",
        "Entrée envoie, Maj+Entrée va à la ligne, ↑ rappelle",
        "Intro envía, Mayús+Intro salta de línea, ↑ recupera",
        "Enter للإرسال، Shift+Enter لسطر جديد، ↑ لاستعادة السؤال السابق",
        "Enter envia, Shift+Enter muda de linha, ↑ recupera",
    ),
    "send": ("Ask", "Demander", "Preguntar", "اسأل", "Perguntar"),
    "cancel": ("Cancel", "Annuler", "Cancelar", "إلغاء", "Cancelar"),
    "retry": ("Try again", "Réessayer", "Reintentar", "أعد المحاولة", "Tentar de novo"),
    "new": ("Start over", "Recommencer", "Reiniciar", "ابدأ من جديد", "Recomeçar"),
    "waiting": (
        "Looking through the records",
        "Recherche dans les données",
        "Buscando en los registros",
        "جارٍ البحث في السجلات",
        "A procurar nos registos",
    ),
    "still_waiting": (
        "Still looking. Escape cancels",
        "Toujours en recherche. Échap annule",
        "Sigue buscando. Esc cancela",
        "ما زال البحث جاريًا. Esc للإلغاء",
        "Ainda a procurar. Esc cancela",
    ),
    "answered": (
        "Answer ready. Sources: {n}",
        "Réponse prête. Sources : {n}",
        "Respuesta lista. Fuentes: {n}",
        "الإجابة جاهزة. المصادر: {n}",
        "Resposta pronta. Fontes: {n}",
    ),
    "cancelled": (
        "Cancelled. Your question is back in the box.",
        "Annulé. Votre question est revenue dans le champ.",
        "Cancelado. Su pregunta vuelve a estar en el campo.",
        "أُلغي الطلب. عاد سؤالك إلى المربع.",
        "Cancelado. A sua pergunta voltou à caixa.",
    ),
    "offline": (
        "The server cannot be reached",
        "Le serveur est injoignable",
        "No se puede contactar con el servidor",
        "تعذّر الوصول إلى الخادم",
        "Não é possível contactar o servidor",
    ),
    "offline_detail": (
        "Check your connection. Your question is kept.",
        "Vérifiez votre connexion. Votre question est conservée.",
        "Compruebe su conexión. Su pregunta se conserva.",
        "تحقق من اتصالك. سؤالك محفوظ.",
        "Verifique a sua ligação. A sua pergunta fica guardada.",
    ),
    "failed": (
        "No answer came back",
        "Aucune réponse n'est revenue",
        "No llegó ninguna respuesta",
        "لم تصل أي إجابة",
        "Não chegou nenhuma resposta",
    ),
    "failed_detail": (
        "Something failed on the server. Your question is kept; try again.",
        "Une erreur s'est produite sur le serveur. Votre question est conservée ; réessayez.",
        "Algo falló en el servidor. Su pregunta se conserva; inténtelo de nuevo.",
        "حدث خطأ في الخادم. سؤالك محفوظ؛ أعد المحاولة.",
        "Algo falhou no servidor. A sua pergunta fica guardada; tente de novo.",
    ),
    "nothing_asked": (
        "Type a question first.",
        "Saisissez d'abord une question.",
        "Escriba primero una pregunta.",
        "اكتب سؤالًا أولًا.",
        "Escreva primeiro uma pergunta.",
    ),
    "copy_answer": ("Copy answer", "Copier la réponse", "Copiar respuesta", "انسخ الإجابة", "Copiar resposta"),
    "copied": ("Copied", "Copié", "Copiado", "نُسخت", "Copiado"),
    "copy_failed": (
        "Copying is blocked here",
        "La copie est bloquée ici",
        "No se permite copiar aquí",
        "النسخ غير متاح هنا",
        "A cópia está bloqueada aqui",
    ),
    "link": (
        "Link to this question",
        "Lien vers cette question",
        "Enlace a esta pregunta",
        "رابط هذا السؤال",
        "Ligação para esta pergunta",
    ),
    "back": ("Back to Ask", "Retour aux questions", "Volver a preguntar", "العودة إلى الأسئلة", "Voltar às perguntas"),
    "error_400": (
        "This request cannot be read",
        "Cette requête est illisible",
        "Esta solicitud no se puede leer",
        "تعذّرت قراءة هذا الطلب",
        "Este pedido não pode ser lido",
    ),
    "error_401": (
        "Sign in first",
        "Identifiez-vous d'abord",
        "Identifíquese primero",
        "سجّل الدخول أولًا",
        "Identifique-se primeiro",
    ),
    "error_403": (
        "You may not see this",
        "Vous n'avez pas accès à ceci",
        "No tiene acceso a esto",
        "لا يحق لك الاطلاع على هذا",
        "Não tem acesso a isto",
    ),
    "error_404": ("Nothing stands here", "Il n'y a rien ici", "Aquí no hay nada", "لا شيء هنا", "Não há nada aqui"),
    "error_404_detail": (
        "The address is wrong, or the record has left the index. Ask for it by its title instead.",
        "L'adresse est fausse, ou la fiche a quitté l'index. Demandez-la par son titre.",
        "La dirección es incorrecta o el registro ya no está en el índice. Pregunte por su título.",
        "العنوان غير صحيح أو أُزيل السجل من الفهرس. اسأل عنه بعنوانه.",
        "O endereço está errado ou o registo saiu do índice. Pergunte pelo título.",
    ),
    "error_413": (
        "This question is too long",
        "Cette question est trop longue",
        "Esta pregunta es demasiado larga",
        "هذا السؤال طويل جدًا",
        "Esta pergunta é demasiado longa",
    ),
    "error_429": (
        "Too many questions at once",
        "Trop de questions à la fois",
        "Demasiadas preguntas a la vez",
        "أسئلة كثيرة في وقت واحد",
        "Demasiadas perguntas de uma vez",
    ),
    "error_500": (
        "Something failed on the server",
        "Une erreur s'est produite sur le serveur",
        "Algo falló en el servidor",
        "حدث خطأ في الخادم",
        "Algo falhou no servidor",
    ),
    "error_503": (
        "The assistant is not ready yet",
        "L'assistant n'est pas encore prêt",
        "El asistente aún no está listo",
        "المساعد غير جاهز بعد",
        "O assistente ainda não está pronto",
    ),
}

# What a reply needs on either side. These follow the language of the reply, not of the page.
_REPLY: Final[dict[str, _Row]] = {
    "sources": ("Sources: {n}", "Sources : {n}", "Fuentes: {n}", "المصادر: {n}", "Fontes: {n}"),
    "source": ("Source {n}", "Source {n}", "Fuente {n}", "المصدر {n}", "Fonte {n}"),
    "line": ("line {n}", "ligne {n}", "línea {n}", "السطر {n}", "linha {n}"),
    "table": ("Table", "Tableau", "Tabla", "جدول", "Tabela"),
    "remaining": (
        "Not shown yet: {n}",
        "Pas encore affichés : {n}",
        "Aún sin mostrar: {n}",
        "لم يُعرض بعد: {n}",
        "Ainda por mostrar: {n}",
    ),
    "tone_info": ("Note", "Note", "Nota", "ملاحظة", "Nota"),
    "tone_warning": ("Caution", "Attention", "Atención", "تنبيه", "Atenção"),
    "tone_error": ("Problem", "Problème", "Problema", "مشكلة", "Problema"),
    "empty": (
        "This answer is empty.",
        "Cette réponse est vide.",
        "Esta respuesta está vacía.",
        "هذه الإجابة فارغة.",
        "Esta resposta está vazia.",
    ),
    "audience_public": ("public", "public", "público", "عام", "público"),
    "audience_community": (
        "coordination community",
        "communauté de coordination",
        "comunidad de coordinación",
        "مجتمع التنسيق",
        "comunidade de coordenação",
    ),
    "audience_named": (
        "named organisations only",
        "organisations désignées seulement",
        "solo organizaciones designadas",
        "منظمات محددة فقط",
        "apenas organizações designadas",
    ),
    "audience_own": (
        "own organisation only",
        "propre organisation seulement",
        "solo la propia organización",
        "المنظمة نفسها فقط",
        "apenas a própria organização",
    ),
}

REPLY_KEYS: Final = tuple(_REPLY)
"""Of the words that a script needs to show a reply, wherever it stands."""

_ALL: Final = {**_PAGE, **_REPLY, **RECORD_WORDS, **SOURCE_WORDS, **MEETING_WORDS, **OVERLAP_WORDS, **CELL_WORDS}


def known(language: str) -> str:
    """The nearest language the page speaks: "pt-BR" gives "pt", an unknown one gives "en"."""
    short = language.replace("_", "-").split("-")[0].lower()
    return short if short in LANGUAGES else "en"


def direction(language: str) -> str:
    return "rtl" if language.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


@cache
def words(language: str) -> dict[str, str]:
    """All phrases of one language by key. KeyError on a key that does not exist is a fault of the template."""
    index = LANGUAGES.index(known(language))
    return {key: row[index] for key, row in _ALL.items()}


def number(value: int, language: str) -> str:
    return format_decimal(value, locale=known(language))


def percent(value: float, language: str) -> str:
    """ "25%" of 0.25; nothing that is estimated is said to be certain."""
    return str(format_percent(min(0.99, max(0.01, value)), locale=known(language)))


@cache
def months(language: str) -> tuple[str, ...]:
    names = get_month_names("abbreviated", locale=known(language))
    return tuple(names[month] for month in range(1, 13))


def day(value: date, language: str) -> str:
    """ "31 Aug 2025" in the given language. The script writes dates by the same rule from the same month names."""
    return f"{value.day} {months(language)[value.month - 1]} {value.year}"


@cache
def script_module() -> str:
    """`words.js`: the same words for the script, so that they are written down once."""
    page = {
        language: {key: words(language)[key] for key in (*_PAGE, *_REPLY)} | {"months": months(language)}
        for language in LANGUAGES
    }
    return (
        f"export const WORDS = {json.dumps(page, ensure_ascii=True)};\n"
        f"export const RIGHT_TO_LEFT = {json.dumps(sorted(RIGHT_TO_LEFT))};\n"
    )
