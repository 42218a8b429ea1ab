// One question and what becomes of it, as nodes.

import { copyText, csvOf, download } from "./copying.js";
import { element, fill, renderReply, replyText } from "./reply.js";

const KINDS = ["wrong", "outdated", "missing", "other"];

/** A question with a line under it that says how far it is. */
export function pendingTurn(question) {
  return element("article", { class: "turn" }, heading(question), element("p", { class: "progress" }));
}

function heading(question) {
  // None where the question went with an answer that was forgotten.
  if (!question) return [];
  return element("h3", { class: "question", dir: "auto" }, question);
}

/** Why there is no answer, with a way on. */
export function failedTurn(question, words, detail, actions) {
  return element(
    "article",
    { class: "turn" },
    heading(question),
    element(
      "div",
      { class: "notice error" },
      element("p", null, element("strong", { class: "tone" }, words.not_sent)),
      element("p", { dir: "auto" }, detail),
      actions.length ? element("p", { class: "acts" }, actions) : [],
    ),
  );
}

export function button(text, act, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", () => act(made));
  return made;
}

/**
 * `answer`: {question, reply, receipt, answered} as it came. `how`: {prefix, words, base, narrow, scheme, say, remark}:
 * `say` shows a line of status, `remark` sends feedback.
 */
export function answeredTurn(answer, how) {
  const { question, reply } = answer;
  const shown = renderReply(reply, how.prefix, "", how);
  shown.querySelectorAll(".scroll").forEach(stackable);
  return element(
    "article",
    { class: "turn" },
    heading(question),
    shown,
    tools(question, reply, how),
    answer.answered ? remarks(answer, how) : [],
  );
}

const ROLES = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", th: "columnheader", td: "cell" };

/** Lets the style stand the rows of a table one under the other. It stays a table to those who hear it. */
function stackable(scroll) {
  const titles = [...scroll.querySelectorAll("thead th")].map((head) => head.textContent);
  if (titles.length < 3) return;
  scroll.classList.add("stacks");
  for (const [tag, role] of Object.entries(ROLES)) {
    scroll.querySelectorAll(tag).forEach((node) => node.setAttribute("role", role));
  }
  scroll.querySelector("table").setAttribute("aria-labelledby", scroll.querySelector("caption").id);
  scroll.querySelectorAll("tr").forEach((row) => {
    row.querySelectorAll("td").forEach((cell, place) => cell.setAttribute("data-column", titles[place]));
  });
}

function tools(question, reply, how) {
  const { words, base, say } = how;
  const name = `common-ground-${new Date().toISOString().slice(0, 10)}`;
  const copy = async (made) => {
    const done = await copyText(replyText(question, reply, base), made.getRootNode(), made);
    say(done ? words.copied : words.copy_failed);
  };
  const csv = csvOf(reply, base);
  const json = () => download(`${name}.json`, "application/json", JSON.stringify({ question, reply }, null, 2));
  return element(
    "div",
    { class: "tools" },
    button(words.copy_answer, copy),
    csv ? button(words.csv, () => download(`${name}.csv`, "text/csv", csv)) : [],
    button(words.json, json),
  );
}

function remarks({ receipt }, { words, say, remark, prefix }) {
  const leave = (made) => {
    row.querySelector("form").remove();
    made.setAttribute("aria-expanded", "false");
    made.focus();
  };
  const keep = async (kind, text) => {
    try {
      const thanks = await remark(receipt, kind, text);
      row.querySelector(".thanks")?.remove();
      if (row.querySelector("form")) leave(bad);
      row.append(element("p", { class: "thanks" }, thanks));
      say(thanks);
    } catch {
      say(words.remark_failed);
    }
  };
  const ask = (made) => {
    made.setAttribute("aria-expanded", "true");
    if (!row.querySelector("form")) row.append(remarkForm(words, prefix, keep, () => leave(made)));
    row.querySelector("select").focus();
  };
  const bad = button(words.bad, ask, { class: "bad", "aria-expanded": "false" });
  const row = element(
    "div",
    { class: "remarks" },
    button(words.good, () => keep("helpful", ""), { class: "good" }),
    bad,
  );
  return row;
}

function remarkForm(words, prefix, keep, leave) {
  const kind = element(
    "select",
    { id: `${prefix}-kind` },
    KINDS.map((name) => element("option", { value: name }, words[`remark_${name}`])),
  );
  const why = element("textarea", { id: `${prefix}-why`, rows: 2, maxlength: 4000, dir: "auto" });
  const form = element(
    "form",
    { class: "remark", "aria-label": words.remark_title },
    element("label", { for: kind.id }, words.remark_kind),
    kind,
    element("label", { for: why.id }, words.remark_why),
    why,
    element(
      "p",
      { class: "acts" },
      element("button", { type: "submit", class: "primary" }, words.remark_send),
      button(words.remark_cancel, leave),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    keep(kind.value, why.value);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  });
  return form;
}

/** What is said when an answer is there. */
export function announced(reply, words) {
  return fill(words.answered, reply.citations.length);
}
