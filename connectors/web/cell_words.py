"""Words of the busiest cells and of the history of judgements, in the order of languages of words.py."""

from __future__ import annotations

from typing import Final

_Row = tuple[str, str, str, str, str]

CELL_WORDS: Final[dict[str, _Row]] = {
    "cells_title": (
        "Where most initiatives meet",
        "Où le plus d'initiatives se rejoignent",
        "Dónde coinciden más iniciativas",
        "أين يلتقي أكثر المبادرات",
        "Onde mais iniciativas se cruzam",
    ),
    "cells_lead": (
        "Pairs of initiatives by place and theme, the most first. Each line leads to who should meet there.",
        "Paires d'initiatives par lieu et par thème, les plus nombreuses d'abord. Chaque ligne mène à qui devrait s'y "
        "rencontrer.",
        "Pares de iniciativas por lugar y tema, los más numerosos primero. Cada línea lleva a quiénes reunir.",
        "أزواج المبادرات بحسب المكان والموضوع، الأكثر أولًا. يقود كل سطر إلى من ينبغي أن يلتقي هناك.",
        "Pares de iniciativas por lugar e tema, os mais numerosos primeiro. Cada linha leva a quem se deve reunir ali.",
    ),
    "cells_caption": (
        "Pairs that name both the place and the theme, of the cells in the table. An empty cell is not among these.",
        "Paires qui nomment le lieu et le thème, pour les cases du tableau. Une case vide n'en fait pas partie.",
        "Pares que nombran el lugar y el tema, de las celdas de la tabla. Una celda vacía no está entre ellas.",
        "أزواج تذكر المكان والموضوع معًا، من خانات الجدول. الخانة الفارغة ليست منها.",
        "Pares que indicam o lugar e o tema, das células da tabela. Uma célula vazia não está entre elas.",
    ),
    "alt_cells": (
        "Grid of places and themes with the number of pairs in each; the table below says the same. Cells: {n}",
        "Grille de lieux et de thèmes avec le nombre de paires ; le tableau dit la même chose. Cases : {n}",
        "Cuadrícula de lugares y temas con el número de pares; la tabla dice lo mismo. Celdas: {n}",
        "شبكة أماكن ومواضيع مع عدد الأزواج في كل منها؛ والجدول أدناه يقول الشيء نفسه. الخانات: {n}",
        "Grelha de lugares e temas com o número de pares; a tabela diz o mesmo. Células: {n}",
    ),
    "cells_none": (
        "No pair of this kind is published in my index for what you ask.",
        "Aucune paire de ce type n'est publiée dans mon index pour ce que vous demandez.",
        "No hay ningún par de este tipo publicado en mi índice para lo que pide.",
        "لا زوج من هذا النوع منشور في فهرسي لما تسأل عنه.",
        "Nenhum par deste tipo está publicado no meu índice para o que pede.",
    ),
    "below_field": (
        "Areas below the country",
        "Zones au-dessous du pays",
        "Zonas por debajo del país",
        "مناطق دون مستوى البلد",
        "Zonas abaixo do país",
    ),
    "show_cells": ("Show", "Afficher", "Mostrar", "اعرض", "Mostrar"),
    "col_theme": ("Theme", "Thème", "Tema", "الموضوع", "Tema"),
    "col_initiatives": ("Initiatives", "Initiatives", "Iniciativas", "المبادرات", "Iniciativas"),
    "col_owners": ("Organisations", "Organisations", "Organizaciones", "المنظمات", "Organizações"),
    "col_pairs": ("Pairs", "Paires", "Pares", "الأزواج", "Pares"),
    "judgements_title": (
        "What people judged",
        "Ce que des personnes ont jugé",
        "Lo que juzgaron las personas",
        "ما حكم به الناس",
        "O que as pessoas avaliaram",
    ),
    "judgements_lead": (
        "Every judgement on two records that you may know of, the newest first. Nothing is overwritten.",
        "Tous les avis que vous pouvez connaître sur deux fiches, les plus récents d'abord. Rien n'est écrasé.",
        "Todos los juicios que puede conocer sobre dos registros, los más recientes primero. Nada se sobrescribe.",
        "كل حكم على سجلين يحق لك أن تعرفه، الأحدث أولًا. لا شيء يُمحى بالكتابة فوقه.",
        "Todos os juízos sobre dois registos que pode conhecer, os mais recentes primeiro. Nada é sobrescrito.",
    ),
    "judgements_none": (
        "Nobody has judged a pair yet that you may know of.",
        "Personne n'a encore jugé de paire dont vous puissiez avoir connaissance.",
        "Nadie ha juzgado aún un par que usted pueda conocer.",
        "لم يحكم أحد بعد على زوج يحق لك أن تعرفه.",
        "Ainda ninguém avaliou um par que possa conhecer.",
    ),
    "state_counts": ("It counts", "Il compte", "Cuenta", "معتمد", "Conta"),
    "state_stands": (
        "Stands beside the one that counts",
        "Reste à côté de celui qui compte",
        "Queda junto al que cuenta",
        "قائم بجانب المعتمد",
        "Fica ao lado do que conta",
    ),
    "state_replaced": ("Replaced since", "Remplacé depuis", "Sustituido después", "استُبدل لاحقًا", "Substituído depois"),
    "state_taken_back": ("Taken back", "Retiré", "Retirado", "سُحب", "Retirado"),
    "state_undo": ("Took one back", "Retrait d'un avis", "Retiró uno", "سحبُ حكم", "Retirou um"),
    "state_skipped": ("Could not tell", "Indécis", "No pudo decidir", "لم يستطع الحسم", "Não soube dizer"),
}
