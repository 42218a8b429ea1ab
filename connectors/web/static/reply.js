// A Reply as DOM nodes. The structure is that of templates/reply.html; every text goes in as a text node.

import { RIGHT_TO_LEFT, WORDS } from "./words.js";

export function wordsOf(language) {
  return WORDS[language.replaceAll("_", "-").split("-")[0].toLowerCase()] ?? WORDS.en;
}

export function directionOf(language) {
  return RIGHT_TO_LEFT.includes(language.split("-")[0].toLowerCase()) ? "rtl" : "ltr";
}

export function fill(phrase, number) {
  return phrase.replace("{n}", () => String(number));
}

/** An element. Attributes that are null or "" are left out; `value` and `alt` keep "". */
export function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (value === "" && name !== "value" && name !== "alt") continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== ""));
  return node;
}

/** A path on this server, or "" (rendering.py has the same rule). */
function safePath(href) {
  const inside = href.startsWith("/") && !href.startsWith("//") && !href.startsWith("/\\");
  return inside && !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(href) ? href : "";
}

function day(iso, words) {
  const [year, month, date] = iso.split("-").map(Number);
  return `${date} ${words.months[month - 1]} ${year}`;
}

function cites(numbers, at) {
  if (!numbers.length) return [];
  const marks = numbers.map((number) =>
    at.numbers.has(number)
      ? element(
          "a",
          {
            href: `#${at.prefix}-source-${number}`,
            role: "doc-noteref",
            "aria-label": fill(at.words.source, number),
          },
          String(number),
        )
      : element("span", null, String(number)),
  );
  return [element("sup", { class: "cites" }, marks)];
}

function spans(items, at, isolated = false) {
  return items.map((item) => [
    element(item.strong ? "strong" : "span", { lang: item.lang, dir: item.lang || isolated ? "auto" : null }, item.text),
    cites(item.cites, at),
  ]);
}

function table(part, at, index) {
  const name = `${at.prefix}-table-${index}`;
  const kind = (column) => ({ class: part.columns[column]?.numeric ? "number" : null });
  const caption = element("span", { dir: "auto" }, part.caption || at.words.table);
  const head = part.columns.map((column, place) =>
    element("th", { scope: "col", ...kind(place) }, element("span", { dir: "auto" }, column.title)),
  );
  const rows = part.rows.map((row) =>
    element("tr", null, row.map((cell, place) => element("td", kind(place), spans(cell, at, true)))),
  );
  return element(
    "div",
    { class: "scroll", role: "group", tabindex: "0", "aria-labelledby": name },
    element(
      "table",
      null,
      element("caption", { id: name }, caption),
      element("thead", null, element("tr", null, head)),
      element("tbody", null, rows),
    ),
  );
}

function notice(part, at) {
  return element(
    "div",
    { class: `notice ${part.tone}`, role: "note" },
    element("p", null, element("strong", { class: "tone" }, at.words[`tone_${part.tone}`])),
    element("p", null, spans(part.spans, at)),
  );
}

/** One picture in the variants of the screen; the table beside it says the same to those who see no pictures. */
function picture(part, { base, narrow, scheme }) {
  const path = safePath(part.src);
  if (!path.startsWith("/pictures/")) return [];
  const src = base ? `${base}/widget${path}` : path;
  const small = narrow ? [] : ["(max-width: 40rem)"];
  const dark = scheme === "dark" ? [] : ["(prefers-color-scheme: dark)"];
  const variant = (media, parameters) =>
    element("source", { media: media.join(" and ") || "all", srcset: src + parameters });
  return element(
    "figure",
    { class: "picture" },
    element(
      "picture",
      null,
      scheme === "light" ? [] : variant([...small, ...dark], "&width=narrow&scheme=dark"),
      variant(small, "&width=narrow"),
      scheme === "light" ? [] : variant(dark, "&scheme=dark"),
      element("img", { src, alt: part.alt, decoding: "async" }),
    ),
  );
}

const PARTS = {
  paragraph: (part, at) => element("p", null, spans(part.spans, at)),
  heading: (part) => element("h3", null, part.text),
  list: (part, at) =>
    element("ul", { class: "points" }, part.items.map((item) => element("li", null, spans(item, at)))),
  table,
  quote: (part, at) =>
    element(
      "blockquote",
      { dir: "auto", lang: part.lang },
      element("p", null, element("span", null, part.text), cites(part.cites, at)),
    ),
  notice,
  picture,
};

function whereFrom(item, words) {
  return [item.publisher, item.file, item.element, item.line ? fill(words.line, item.line) : ""].filter(Boolean);
}

/** The words of a source's text that a citation rests on. */
function quotes(item) {
  return (item.evidence ?? [])
    .filter((said) => said.field.startsWith("texts/"))
    .map((said) => element("q", { lang: said.lang, dir: "auto" }, said.quote));
}

function citation(item, at) {
  const title = item.title || item.record;
  const href = safePath(item.href);
  const meta = whereFrom(item, at.words).map((text) => element("li", null, element("span", { dir: "auto" }, text)));
  if (item.reported_on) {
    const when = element("time", { datetime: item.reported_on }, day(item.reported_on, at.words));
    meta.push(element("li", null, when));
  }
  if (item.audience !== "public") {
    const audience = at.words[`audience_${item.audience}`] ?? item.audience;
    meta.push(element("li", null, element("span", { class: "audience" }, audience)));
  }
  return element(
    "li",
    { id: `${at.prefix}-source-${item.number}`, value: item.number },
    element(
      "div",
      null,
      href
        ? element("a", { href: at.base + href, dir: "auto", ...at.leaving }, title)
        : element("span", { class: "title", dir: "auto" }, title),
      element("ul", { class: "meta" }, meta),
      quotes(item),
    ),
  );
}

function nextQuestions(reply, at, conversation) {
  if (!reply.buttons.length && !reply.remaining) return [];
  return element(
    "form",
    at.base ? { class: "next" } : { class: "next", method: "post", action: "/" },
    element("input", { type: "hidden", name: "conversation", value: conversation }),
    reply.remaining ? element("p", { class: "remaining" }, fill(at.words.remaining, reply.remaining)) : [],
    reply.buttons.map((button) =>
      element("button", { type: "submit", name: "q", value: button.send, dir: "auto" }, button.title),
    ),
  );
}

function sources(reply, at) {
  if (!reply.citations.length) return [];
  return element(
    "details",
    { class: "sources", open: reply.citations.length <= 8 },
    element("summary", null, fill(at.words.sources, reply.citations.length)),
    element("ol", null, reply.citations.map((item) => citation(item, at))),
  );
}

/**
 * `prefix` keeps the ids of several replies on one page apart. On a page elsewhere, `base` is the address of this
 * server: links lead there, in a tab of their own. `narrow` and `scheme` ("light", "dark") choose among the variants of
 * a picture where the screen does not tell.
 */
export function renderReply(reply, prefix, conversation, { base = "", narrow = false, scheme = "" } = {}) {
  const words = wordsOf(reply.language);
  const numbers = new Set(reply.citations.map((item) => item.number));
  const leaving = base ? { target: "_blank", rel: "noopener noreferrer" } : {};
  const at = { prefix, words, numbers, base, leaving, narrow, scheme };
  const parts = reply.parts.map((part, index) => PARTS[part.type]?.(part, at, index + 1) ?? []);
  return element(
    "div",
    { class: "reply", lang: reply.language, dir: directionOf(reply.language) },
    reply.parts.length ? parts : element("p", null, words.empty),
    nextQuestions(reply, at, conversation),
    sources(reply, at),
  );
}

/** The same reply as plain text with its citations, for the clipboard. Tables are tab-separated. */
export function replyText(question, reply, origin) {
  const words = wordsOf(reply.language);
  const marks = (numbers) => numbers.map((number) => `[${number}]`).join("");
  const line = (items) => items.map((item) => item.text + (item.cites.length ? ` ${marks(item.cites)}` : "")).join("");
  const text = {
    paragraph: (part) => line(part.spans),
    heading: (part) => part.text,
    list: (part) => part.items.map((item) => `- ${line(item)}`).join("\n"),
    table: (part) =>
      [part.caption, part.columns.map((column) => column.title).join("\t")]
        .concat(part.rows.map((row) => row.map(line).join("\t")))
        .join("\n"),
    quote: (part) => `“${part.text}” ${marks(part.cites)}`.trim(),
    notice: (part) => `${words[`tone_${part.tone}`]}: ${line(part.spans)}`,
  };
  const blocks = [question, ...reply.parts.map((part) => text[part.type]?.(part) ?? "")];
  if (reply.citations.length) {
    const listed = reply.citations.map((item) => {
      const where = [...whereFrom(item, words), item.reported_on].filter(Boolean).join(", ");
      const href = safePath(item.href);
      return `[${item.number}] ${item.title || item.record}. ${where}${href ? ` <${origin}${href}>` : ""}`;
    });
    blocks.push([fill(words.sources, reply.citations.length), ...listed].join("\n"));
  }
  return blocks.filter(Boolean).join("\n\n");
}
