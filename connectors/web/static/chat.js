// The conversation on the Ask view. Without this script the same forms are answered by whole pages.

import { copyText } from "./copying.js";
import { loadConversation, loadTurns, saveConversation, saveTurns } from "./memory.js";
import { element, fill, renderReply, replyText, wordsOf } from "./reply.js";

const STILL_WAITING_AFTER_MS = 8000;

const words = wordsOf(document.documentElement.lang);
const page = Object.fromEntries(
  ["welcome", "title", "turns", "composer", "status", "q", "send", "cancel", "new", "conversation"].map((id) => [
    id,
    document.getElementById(id),
  ]),
);

let turns = [];
let waiting = null;
let recalled = 0;
let numbered = 0;

function say(text, busy = false) {
  page.status.replaceChildren(text);
  page.status.classList.toggle("busy", busy);
}

function fitBox() {
  page.q.rows = Math.min(8, page.q.value.split("\n").length);
}

function putInBox(text) {
  page.q.value = text;
  fitBox();
}

/** The welcome stands for an empty conversation; otherwise only its name is read out as the heading. */
function welcome(empty) {
  page.welcome.hidden = !empty;
  page.title.hidden = empty;
}

function motion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

function rememberConversation(id) {
  if (!id) return;
  page.conversation.value = id;
  saveConversation(id);
}

// --- turns on the page

async function copy(text, button) {
  say((await copyText(text, document.body, button)) ? words.copied : words.copy_failed);
}

function tools(question, reply) {
  const copying = element("button", { type: "button" }, words.copy_answer);
  copying.addEventListener("click", () => copy(replyText(question, reply, location.origin), copying));
  const address = `/?${new URLSearchParams({ q: question })}`;
  return element("div", { class: "tools" }, copying, element("a", { href: address }, words.link));
}

function questionHeading(question) {
  return element("h2", { class: "question", dir: "auto" }, question);
}

function answeredTurn(question, reply) {
  numbered += 1;
  return element(
    "article",
    { class: "turn" },
    questionHeading(question),
    renderReply(reply, `t${numbered}`, page.conversation.value),
    tools(question, reply),
  );
}

function failedTurn(question, title, detail) {
  const retry = element("button", { type: "button" }, words.retry);
  retry.addEventListener("click", () => {
    if (page.q.value.trim() === question) putInBox("");
    ask(question);
  });
  return element(
    "article",
    { class: "turn failed" },
    questionHeading(question),
    element(
      "div",
      { class: "notice error", role: "alert" },
      element("p", null, element("strong", { class: "tone" }, title)),
      element("p", { dir: "auto" }, detail),
      element("p", null, retry),
    ),
  );
}

function pendingTurn(question) {
  const progress = element("p", { class: "progress", "aria-hidden": "true" }, element("span"), element("span"), element("span"));
  return element("article", { class: "turn pending" }, questionHeading(question), progress);
}

function show(turn) {
  page.turns.querySelectorAll(".failed, .pending").forEach((old) => old.remove());
  welcome(false);
  page.turns.append(turn);
  turn.scrollIntoView({ behavior: motion(), block: "start" });
}

// --- asking

/** The answer, or throws {title, detail} for people. AbortError passes through. */
async function fetchAnswer(question, signal) {
  let response;
  try {
    response = await fetch("/api/v1/chat", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, application/problem+json" },
      body: JSON.stringify({ text: question, ...(page.conversation.value && { conversation: page.conversation.value }) }),
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw { title: words.offline, detail: words.offline_detail };
  }
  let body = null;
  try {
    body = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
  }
  if (!response.ok || !body?.reply) {
    const told = !response.ok && typeof body?.detail === "string" ? body : {};
    throw { title: told.title || words.failed, detail: told.detail || words.failed_detail };
  }
  return body;
}

function setWaiting(turn) {
  waiting = turn;
  page.send.hidden = Boolean(turn);
  page.cancel.hidden = !turn;
  page.turns.setAttribute("aria-busy", String(Boolean(turn)));
}

async function ask(text) {
  const question = text.trim();
  if (!question) return say(words.nothing_asked);
  if (waiting) return say(words.still_waiting, true);
  const turn = { question, controller: new AbortController() };
  const slow = setTimeout(() => say(words.still_waiting, true), STILL_WAITING_AFTER_MS);
  setWaiting(turn);
  show(pendingTurn(question));
  say(words.waiting, true);
  // The address of a shared question no longer describes a page that went on from it.
  if (location.search) history.replaceState(null, "", "/");
  const focused = document.activeElement;
  if (focused === document.body || !focused?.isConnected) page.q.focus({ preventScroll: true });
  try {
    const answer = await fetchAnswer(question, turn.controller.signal);
    rememberConversation(answer.conversation);
    turns.push({ question, reply: answer.reply });
    saveTurns(turns);
    page.new.hidden = false;
    show(answeredTurn(question, answer.reply));
    say(fill(words.answered, answer.reply.citations.length));
  } catch (problem) {
    if (!page.q.value.trim()) putInBox(question);
    if (problem.name === "AbortError") {
      page.turns.querySelector(".pending")?.remove();
      welcome(!turns.length);
      say(words.cancelled);
    } else {
      // A fault of this script must not pass for a fault of the network, nor leave the page waiting.
      if (problem instanceof Error) console.error(problem);
      say("");
      show(failedTurn(question, problem.title ?? words.failed, problem.detail ?? words.failed_detail));
    }
  } finally {
    clearTimeout(slow);
    setWaiting(null);
    recalled = 0;
  }
}

function cancel() {
  waiting?.controller.abort();
  page.q.focus({ preventScroll: true });
}

/** Step back (+1) or forward (-1) through the questions asked; below the latest the box is empty again. */
function recall(step) {
  const asked = turns.map((turn) => turn.question);
  const next = Math.max(0, Math.min(asked.length, recalled + step));
  if (next === recalled) return false;
  recalled = next;
  putInBox(recalled ? asked[asked.length - recalled] : "");
  page.q.setSelectionRange(page.q.value.length, page.q.value.length);
  return true;
}

function boxKey(event) {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    page.composer.requestSubmit();
  } else if (event.key === "ArrowUp" && (recalled || !page.q.value)) {
    if (recall(1)) event.preventDefault();
  } else if (event.key === "ArrowDown" && recalled) {
    if (recall(-1)) event.preventDefault();
  }
}

// --- start

function startAnew(event) {
  event.preventDefault();
  waiting?.controller.abort();
  turns = [];
  saveTurns(turns);
  saveConversation("");
  // A fresh page also brings fresh examples.
  location.assign("/");
}

/** Takes over what the server rendered, or else brings back what this tab held. */
function resume() {
  const rendered = page.turns.querySelector(".turn[data-reply]");
  if (rendered) {
    const question = rendered.querySelector(".question").textContent;
    const reply = JSON.parse(rendered.dataset.reply);
    rendered.removeAttribute("data-reply");
    rendered.querySelector(".tools").replaceWith(tools(question, reply));
    numbered = 1;
    turns = [{ question, reply }];
    saveTurns(turns);
    rememberConversation(page.conversation.value);
  } else if (!page.turns.childElementCount) {
    turns = loadTurns();
    rememberConversation(turns.length ? loadConversation() : "");
    page.turns.append(...turns.map((turn) => answeredTurn(turn.question, turn.reply)));
    welcome(!turns.length);
    page.new.hidden = !turns.length;
  }
}

page.composer.noValidate = true;
page.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = page.q.value;
  // While an answer is awaited the text stays where it is.
  if (question.trim() && !waiting) putInBox("");
  ask(question);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches(".next, .examples") || event.submitter?.name !== "q") return;
  event.preventDefault();
  page.q.focus({ preventScroll: true });
  ask(event.submitter.value);
});
document.addEventListener("click", (event) => {
  const mark = event.target.closest?.(".cites a");
  const target = mark && document.getElementById(mark.hash.slice(1));
  if (target) target.closest("details").open = true;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && waiting) cancel();
});
addEventListener("beforeprint", () => {
  document.querySelectorAll("details").forEach((details) => (details.open = true));
});
page.q.addEventListener("keydown", boxKey);
page.q.addEventListener("input", () => {
  recalled = 0;
  fitBox();
});
page.cancel.addEventListener("click", cancel);
page.new.addEventListener("click", startAnew);
resume();
fitBox();
document.documentElement.classList.add("ready");
