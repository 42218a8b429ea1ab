"""Words of the overlaps view: its form, its lists and its empty states, in the order of languages of words.py."""

from __future__ import annotations

from typing import Final

_Row = tuple[str, str, str, str, str]

OVERLAP_WORDS: Final[dict[str, _Row]] = {
    "nav_overlaps": ("Overlaps", "Chevauchements", "Solapamientos", "التداخلات", "Sobreposições"),
    "overlaps_title": (
        "Which initiatives meet?",
        "Quelles initiatives se rejoignent ?",
        "¿Qué iniciativas coinciden?",
        "أي المبادرات تلتقي؟",
        "Que iniciativas se cruzam?",
    ),
    "overlaps_lead": (
        "Start from one initiative, from a place and a theme, or from a proposal. Each result says what two "
        "initiatives are to each other, how sure that is, and why.",
        "Partez d'une initiative, d'un lieu et d'un thème, ou d'une proposition. Chaque résultat dit ce que deux "
        "initiatives sont l'une pour l'autre, avec quelle certitude, et pourquoi.",
        "Parta de una iniciativa, de un lugar y un tema, o de una propuesta. Cada resultado dice qué son dos "
        "iniciativas la una para la otra, con qué certeza y por qué.",
        "ابدأ من مبادرة، أو من مكان وموضوع، أو من مقترح. تقول كل نتيجة ما العلاقة بين مبادرتين، وما درجة اليقين، "
        "ولماذا.",
        "Parta de uma iniciativa, de um lugar e um tema, ou de uma proposta. Cada resultado diz o que duas iniciativas "
        "são uma para a outra, com que certeza e porquê.",
    ),
    "by_record": ("One initiative", "Une initiative", "Una iniciativa", "مبادرة واحدة", "Uma iniciativa"),
    "by_place": (
        "A place and a theme",
        "Un lieu et un thème",
        "Un lugar y un tema",
        "مكان وموضوع",
        "Um lugar e um tema",
    ),
    "by_proposal": ("A proposal", "Une proposition", "Una propuesta", "مقترح", "Uma proposta"),
    "record_field": (
        "Identifier of its record",
        "Identifiant de sa fiche",
        "Identificador de su registro",
        "معرّف سجلها",
        "Identificador do seu registo",
    ),
    "place_field": ("Place", "Lieu", "Lugar", "المكان", "Lugar"),
    "theme_field": ("Theme", "Thème", "Tema", "الموضوع", "Tema"),
    "from_field": ("From", "Du", "Desde", "من", "De"),
    "to_field": ("To", "Au", "Hasta", "إلى", "Até"),
    "kind_field": (
        "Kind of organisation",
        "Type d'organisation",
        "Tipo de organización",
        "نوع المنظمة",
        "Tipo de organização",
    ),
    "any_kind": ("Any", "Tous", "Cualquiera", "أي نوع", "Qualquer"),
    "within_field": (
        "Starts within (months)",
        "Commence d'ici (mois)",
        "Empieza en (meses)",
        "تبدأ خلال (أشهر)",
        "Começa dentro de (meses)",
    ),
    "least_field": (
        "Organisations in one district, at least",
        "Organisations dans un même district, au moins",
        "Organizaciones en un distrito, al menos",
        "منظمات في مقاطعة واحدة، على الأقل",
        "Organizações num distrito, pelo menos",
    ),
    "open_field": (
        "Leave out what has ended",
        "Laisser de côté ce qui est terminé",
        "Omitir lo que ha terminado",
        "استبعد ما انتهى",
        "Deixar de fora o que terminou",
    ),
    "proposal_field": (
        "Text of the proposal: its title, then what is planned, where, when, for whom",
        "Texte de la proposition : son titre, puis ce qui est prévu, où, quand, pour qui",
        "Texto de la propuesta: su título y luego qué se prevé, dónde, cuándo y para quién",
        "نص المقترح: عنوانه، ثم ما هو مخطط، وأين، ومتى، ولمن",
        "Texto da proposta: o título e depois o que está previsto, onde, quando e para quem",
    ),
    "proposal_note": (
        "It is compared and then forgotten: nothing of it is stored.",
        "Elle est comparée puis oubliée : rien n'en est conservé.",
        "Se compara y después se olvida: no se guarda nada de ella.",
        "يُقارن ثم يُنسى: لا يُحفظ منه شيء.",
        "É comparada e depois esquecida: nada dela é guardado.",
    ),
    "correct_reading": (
        "Correct what was read of it",
        "Corriger ce qui en a été lu",
        "Corregir lo que se leyó",
        "صحّح ما قُرئ منه",
        "Corrigir o que se leu",
    ),
    "find_meetings": (
        "Find what meets",
        "Chercher ce qui se rejoint",
        "Buscar coincidencias",
        "ابحث عمّا يلتقي",
        "Procurar o que se cruza",
    ),
    "compare_proposal": (
        "Compare the proposal",
        "Comparer la proposition",
        "Comparar la propuesta",
        "قارن المقترح",
        "Comparar a proposta",
    ),
    "more_filters": ("More filters", "Plus de filtres", "Más filtros", "مرشحات أخرى", "Mais filtros"),
    "what_overlaps": (
        "What overlaps with this?",
        "Qu'est-ce qui chevauche ceci ?",
        "¿Qué se solapa con esto?",
        "ما الذي يتداخل مع هذا؟",
        "O que se sobrepõe a isto?",
    ),
    "asked_about": ("Asked about", "Objet de la question", "Se pregunta por", "موضوع السؤال", "Pergunta sobre"),
    "your_proposal": ("Your proposal", "Votre proposition", "Su propuesta", "مقترحك", "A sua proposta"),
    "read_title": ("Title", "Titre", "Título", "العنوان", "Título"),
    "read_period": ("Period", "Période", "Período", "الفترة", "Período"),
    "read_amount": ("Amount", "Montant", "Importe", "المبلغ", "Montante"),
    "read_from_it": (
        "Read from your proposal",
        "Lu dans votre proposition",
        "Leído de su propuesta",
        "ما قُرئ من مقترحك",
        "Lido da sua proposta",
    ),
    "file_field": (
        "Or a file with it: PDF, DOCX, HTML or text, up to 10 MB",
        "Ou un fichier : PDF, DOCX, HTML ou texte, 10 Mo au plus",
        "O un archivo con ella: PDF, DOCX, HTML o texto, hasta 10 MB",
        "أو ملف يحتويه: PDF أو DOCX أو HTML أو نص، حتى 10 ميغابايت",
        "Ou um ficheiro com ela: PDF, DOCX, HTML ou texto, até 10 MB",
    ),
    "proposal_empty": (
        "There is no text to compare. Paste what is planned, where, when and for whom, or choose a file that holds "
        "text; a scanned page needs text recognition first.",
        "Il n'y a pas de texte à comparer. Collez ce qui est prévu, où, quand et pour qui, ou choisissez un fichier "
        "contenant du texte ; une page numérisée demande d'abord une reconnaissance de texte.",
        "No hay texto que comparar. Pegue qué se prevé, dónde, cuándo y para quién, o elija un archivo con texto; una "
        "página escaneada necesita antes reconocimiento de texto.",
        "لا نص للمقارنة. ألصق ما هو مخطط وأين ومتى ولمن، أو اختر ملفًا فيه نص؛ والصفحة الممسوحة ضوئيًا تحتاج أولًا إلى "
        "التعرف على النص.",
        "Não há texto para comparar. Cole o que está previsto, onde, quando e para quem, ou escolha um ficheiro com "
        "texto; uma página digitalizada precisa antes de reconhecimento de texto.",
    ),
    "proposal_long": (
        "This proposal is too long to compare: more than 200,000 characters. Give its summary: what, where, when, for "
        "whom.",
        "Cette proposition est trop longue : plus de 200 000 caractères. Résumez-la : quoi, où, quand, pour qui.",
        "Esta propuesta es demasiado larga: más de 200 000 caracteres. Dé su resumen: qué, dónde, cuándo, para quién.",
        "هذا المقترح أطول من أن يُقارن: أكثر من 200000 حرف. قدّم ملخصه: ماذا وأين ومتى ولمن.",
        "Esta proposta é demasiado longa: mais de 200 000 caracteres. Dê o seu resumo: o quê, onde, quando, para quem.",
    ),
    "proposal_large": (
        "This file is larger than 10 MB. Save it without pictures, or paste its summary as text.",
        "Ce fichier dépasse 10 Mo. Enregistrez-le sans images, ou collez son résumé en texte.",
        "Este archivo supera los 10 MB. Guárdelo sin imágenes o pegue su resumen como texto.",
        "هذا الملف أكبر من 10 ميغابايت. احفظه دون صور، أو ألصق ملخصه نصًا.",
        "Este ficheiro excede 10 MB. Guarde-o sem imagens ou cole o seu resumo como texto.",
    ),
    "proposal_type": (
        "Files of this kind are not read. Choose a PDF, DOCX, HTML or text file, or paste the text.",
        "Ce type de fichier n'est pas lu. Choisissez un fichier PDF, DOCX, HTML ou texte, ou collez le texte.",
        "No se leen archivos de este tipo. Elija un archivo PDF, DOCX, HTML o de texto, o pegue el texto.",
        "لا تُقرأ ملفات من هذا النوع. اختر ملف PDF أو DOCX أو HTML أو نصًا، أو ألصق النص.",
        "Ficheiros deste tipo não são lidos. Escolha um ficheiro PDF, DOCX, HTML ou de texto, ou cole o texto.",
    ),
    "proposal_locked": (
        "This file is protected by a password. Save it without one (and an old .doc as .docx), or paste its text.",
        "Ce fichier est protégé par un mot de passe. Enregistrez-le sans (et un ancien .doc en .docx), ou collez son "
        "texte.",
        "Este archivo está protegido con contraseña. Guárdelo sin ella (un .doc antiguo como .docx) o pegue su texto.",
        "هذا الملف محمي بكلمة مرور. احفظه دونها (وملف ‎.doc القديم بصيغة ‎.docx)، أو ألصق نصه.",
        "Este ficheiro está protegido por palavra-passe. Guarde-o sem ela (um .doc antigo como .docx) ou cole o texto.",
    ),
    "proposal_file": (
        "No text can be read from this file: it may be damaged, or hold only scanned pages. Save it again, run text "
        "recognition on it, or paste its text.",
        "Aucun texte n'est lisible dans ce fichier : il est peut-être endommagé, ou ne contient que des pages "
        "numérisées. Enregistrez-le de nouveau, passez-le par une reconnaissance de texte, ou collez son texte.",
        "No se puede leer texto de este archivo: puede estar dañado o contener solo páginas escaneadas. Guárdelo de "
        "nuevo, aplíquele reconocimiento de texto o pegue su texto.",
        "لا يمكن قراءة نص من هذا الملف: قد يكون تالفًا أو لا يحتوي إلا صفحات ممسوحة ضوئيًا. احفظه من جديد، أو طبّق عليه "
        "التعرف على النص، أو ألصق نصه.",
        "Não é possível ler texto deste ficheiro: pode estar danificado ou conter só páginas digitalizadas. Guarde-o "
        "de novo, aplique-lhe reconhecimento de texto ou cole o seu texto.",
    ),
    "proposal_wrong": (
        "Something said of the proposal cannot be right: check that it does not end before it starts.",
        "Une indication sur la proposition ne peut pas être juste : vérifiez qu'elle ne finit pas avant de commencer.",
        "Algo de lo indicado sobre la propuesta no puede ser: compruebe que no termine antes de empezar.",
        "شيء مما قيل عن المقترح لا يمكن أن يصح: تحقق من أنه لا ينتهي قبل أن يبدأ.",
        "Algo do que se disse da proposta não pode estar certo: verifique que não termina antes de começar.",
    ),
    "label_field": (
        "What they are to each other",
        "Ce qu'elles sont l'une pour l'autre",
        "Qué son la una para la otra",
        "علاقتها بعضها ببعض",
        "O que são uma para a outra",
    ),
    "any_label": (
        "Overlap or complementary",
        "Chevauchement ou complémentaire",
        "Solapamiento o complementaria",
        "تداخل أو تكامل",
        "Sobreposição ou complementar",
    ),
    "where_most": (
        "Where most of it is",
        "Où se trouve l'essentiel",
        "Dónde está la mayor parte",
        "أين يقع معظمه",
        "Onde está a maior parte",
    ),
    "same_work": (
        "The same work or programme: {n}",
        "Même travail ou même programme : {n}",
        "El mismo trabajo o programa: {n}",
        "العمل نفسه أو البرنامج نفسه: {n}",
        "O mesmo trabalho ou programa: {n}",
    ),
    "meetings_found": (
        "Meetings: {n}",
        "Rencontres : {n}",
        "Encuentros: {n}",
        "الالتقاءات: {n}",
        "Encontros: {n}",
    ),
    "initiatives_there": (
        "Initiatives there: {n}",
        "Initiatives sur place : {n}",
        "Iniciativas allí: {n}",
        "المبادرات هناك: {n}",
        "Iniciativas no local: {n}",
    ),
    "compared_with": (
        "Initiatives compared: {n}",
        "Initiatives comparées : {n}",
        "Iniciativas comparadas: {n}",
        "المبادرات المقارنة: {n}",
        "Iniciativas comparadas: {n}",
    ),
    "none_meets": (
        "None that meets this is published in my index as of {n}",
        "Aucune rencontre publiée dans mon index au {n}",
        "No hay ninguna coincidencia publicada en mi índice al {n}",
        "لا التقاء منشورًا في فهرسي حتى {n}",
        "Nenhum encontro publicado no meu índice em {n}",
    ),
    "not_covered": (
        "My sources do not cover this area. That does not mean that nobody works there.",
        "Mes sources ne couvrent pas cette zone. Cela ne veut pas dire que personne n'y travaille.",
        "Mis fuentes no cubren esta zona. Eso no significa que nadie trabaje allí.",
        "مصادري لا تغطي هذه المنطقة، ولا يعني ذلك أن أحدًا لا يعمل فيها.",
        "As minhas fontes não cobrem esta zona. Isso não significa que ninguém lá trabalhe.",
    ),
    "try_wider": (
        "Ask without a filter, for the place above it, or for a wider period.",
        "Demandez sans filtre, pour le lieu qui l'englobe ou pour une période plus large.",
        "Pregunte sin filtro, por el lugar superior o por un período más amplio.",
        "اسأل دون مرشح، أو عن المكان الأعم، أو عن فترة أطول.",
        "Pergunte sem filtro, pelo lugar acima ou por um período mais longo.",
    ),
    "unread_name": (
        "This index knows nothing by this name: {n}",
        "Cet index ne connaît rien sous ce nom : {n}",
        "Este índice no conoce nada con este nombre: {n}",
        "لا يعرف هذا الفهرس شيئًا بهذا الاسم: {n}",
        "Este índice não conhece nada com este nome: {n}",
    ),
    "unread_number": (
        "This is no number of months or organisations: {n}",
        "Ce n'est pas un nombre de mois ou d'organisations : {n}",
        "Esto no es un número de meses u organizaciones: {n}",
        "هذا ليس عدد أشهر أو منظمات: {n}",
        "Isto não é um número de meses ou organizações: {n}",
    ),
    "unread_date": (
        "This is no date, such as 2026-08-31: {n}",
        "Ce n'est pas une date comme 2026-08-31 : {n}",
        "Esto no es una fecha como 2026-08-31: {n}",
        "هذا ليس تاريخًا مثل 2026-08-31: {n}",
        "Isto não é uma data como 2026-08-31: {n}",
    ),
    "not_an_initiative": (
        "No activity, project or grant that you may see has this identifier: {n}",
        "Aucune activité, projet ou subvention à votre portée n'a cet identifiant : {n}",
        "Ninguna actividad, proyecto o subvención que usted pueda ver tiene este identificador: {n}",
        "لا نشاط أو مشروع أو منحة يحق لك رؤيتها بهذا المعرّف: {n}",
        "Nenhuma atividade, projeto ou subvenção que possa ver tem este identificador: {n}",
    ),
    "still_comparing": (
        "Initiatives are still being compared",
        "Les initiatives sont encore en cours de comparaison",
        "Las iniciativas aún se están comparando",
        "ما زالت المبادرات قيد المقارنة",
        "As iniciativas ainda estão a ser comparadas",
    ),
    "compared_so_far": (
        "Compared so far: {n}",
        "Comparées à ce stade : {n}",
        "Comparadas hasta ahora: {n}",
        "قورن حتى الآن: {n}",
        "Comparadas até agora: {n}",
    ),
    "start_here": (
        "Where most overlap",
        "Là où l'on se chevauche le plus",
        "Donde más se solapan",
        "أين يكثر التداخل",
        "Onde há mais sobreposição",
    ),
    "pairs_there": (
        "overlapping pairs: {n}",
        "paires qui se chevauchent : {n}",
        "pares que se solapan: {n}",
        "الأزواج المتداخلة: {n}",
        "pares que se sobrepõem: {n}",
    ),
    "previous": ("Previous", "Précédents", "Anteriores", "السابق", "Anteriores"),
    "next": ("Next", "Suivants", "Siguientes", "التالي", "Seguintes"),
    "pages": ("Pages", "Pages", "Páginas", "صفحات", "Páginas"),
    "downloads": (
        "For other tools",
        "Pour d'autres outils",
        "Para otras herramientas",
        "لأدوات أخرى",
        "Para outras ferramentas",
    ),
    "this_answer": ("this answer", "cette réponse", "esta respuesta", "هذه الإجابة", "esta resposta"),
    "all_pairs": ("all pairs", "toutes les paires", "todos los pares", "كل الأزواج", "todos os pares"),
}
