// <common-ground>: the assistant on any page. Attributes: `lang` (else the page's), `theme` ("light", "dark"; else the
// device's), `mode="inline"` (fills its place; else a button in the corner opens it).

import { Connection } from "./connection.js";
import { directionOf, element, fill } from "./reply.js";
import css from "./style.js";
import { announced, answeredTurn, button, failedTurn, pendingTurn } from "./turns.js";
import { WORDS } from "./words.js";

const BASE = new URL("../../..", import.meta.url).href.replace(/\/$/, "");
const SLOW_MS = 8000;
const NARROW_PX = 640;
const FILES = [".pdf", ".docx", ".txt", ".md", ".html", ".htm"];
const style = new CSSStyleSheet();
style.replaceSync(css);

class CommonGround extends HTMLElement {
  #language = "en";
  #words = null;
  #connection = null;
  #turns = new Map(); // the client's id of a question -> {id, question, node, receipt, state, file}
  #parts = {};
  #limits = { longest: 4000, most_bytes: 0 };
  #state = "online";
  #numbered = 0;
  #asked = [];
  #recalled = 0;

  async connectedCallback() {
    if (!this.shadowRoot) {
      const wanted = this.lang || document.documentElement.lang || navigator.language;
      const short = wanted.split(/[-_]/)[0].toLowerCase();
      this.#language = short in WORDS ? short : "en";
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [style];
      root.addEventListener("submit", (event) => this.#submitted(event));
      root.addEventListener("click", (event) => this.#clicked(event));
      this.#words = (await import(`./said.${this.#language}.js`)).default;
      root.append(this.#frame(this.#language));
    }
    if (this.#words && this.isConnected && !this.#connection) this.#connect();
  }

  disconnectedCallback() {
    this.#connection?.close();
    this.#connection = null;
  }

  get #inline() {
    return this.getAttribute("mode") === "inline";
  }

  #connect() {
    const tell = (event, data) => this.#heard(event, data);
    const idle = () => ![...this.#turns.values()].some((turn) => turn.state === "sent");
    this.#connection = new Connection(BASE, this.#language, tell, () => this.#seen(), idle);
    for (const { id, name } of this.#connection.lostFiles) {
      this.#add(id, name);
      this.#fail(this.#turns.get(id), this.#words.file_gone);
    }
    for (const { id, text } of this.#connection.unsent) if (!this.#turns.has(id)) this.#add(id, text);
    if (this.#inline || this.#connection.begun || this.#connection.unsent.length) this.#connection.open();
    this.#status();
  }

  // --- the frame

  #frame(language) {
    const words = this.#words;
    const parts = this.#parts;
    parts.launcher = button(words.open, () => this.#show(true), {
      class: "launcher", "aria-expanded": "false", "aria-controls": "panel",
    });
    parts.turns = element("div", { class: "turns" });
    parts.welcome = element(
      "div",
      { class: "welcome" },
      element("p", { class: "lead" }, words.ask_title),
      element("p", null, words.ask_lead),
    );
    parts.log = element(
      "div",
      { class: "log", tabindex: "0", role: "group", "aria-label": words.app },
      parts.welcome,
      parts.turns,
    );
    parts.status = element("p", { class: "status", role: "status" });
    parts.box = element("textarea", {
      id: "q", rows: 1, maxlength: 20000, dir: "auto", autocomplete: "off", placeholder: words.box,
    });
    parts.file = element("input", { type: "file", id: "file", accept: FILES.join(","), hidden: true });
    parts.attach = button("", () => parts.file.click(), { class: "attach", "aria-label": words.attach, title: words.attach });
    parts.composer = element(
      "form",
      { class: "composer" },
      parts.status,
      element(
        "div",
        { class: "box" },
        parts.attach,
        parts.file,
        element("label", { for: "q", class: "unseen" }, words.box),
        parts.box,
        element("button", { type: "submit", class: "primary" }, words.send),
      ),
      element("p", { class: "about" }, words.about.replace("{name}", () => new URL(BASE).host)),
    );
    parts.anew = button(words.new, () => this.#startAnew(), { class: "plain", hidden: true });
    parts.drop = element("p", { class: "drop", hidden: true, "aria-hidden": "true" }, words.drop);
    parts.panel = element(
      "section",
      {
        id: "panel", class: "panel", role: this.#inline ? "region" : "dialog", "aria-labelledby": "title",
        lang: language, dir: directionOf(language), hidden: !this.#inline,
      },
      element(
        "header",
        null,
        element("h2", { id: "title" }, words.app),
        parts.anew,
        this.#inline ? [] : button("", () => this.#show(false), { class: "close", "aria-label": words.close }),
      ),
      parts.log,
      parts.composer,
      parts.drop,
    );
    this.#listenTo(parts);
    const frame = element("div", { class: this.#inline ? "inline" : "floating", lang: language, dir: directionOf(language) });
    frame.append(...(this.#inline ? [parts.panel] : [parts.panel, parts.launcher]));
    return frame;
  }

  #listenTo({ panel, box, file, drop }) {
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.#inline) this.#show(false);
    });
    box.addEventListener("keydown", (event) => this.#boxKey(event));
    box.addEventListener("input", () => (this.#recalled = 0));
    file.addEventListener("change", () => {
      if (file.files.length) this.#check(file.files[0]);
      file.value = "";
    });
    let inside = 0;
    const over = (step) => (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      inside = Math.max(0, inside + step);
      drop.hidden = !inside;
    };
    panel.addEventListener("dragenter", over(1));
    panel.addEventListener("dragover", over(0));
    panel.addEventListener("dragleave", over(-1));
    panel.addEventListener("drop", (event) => {
      over(-inside)(event);
      if (event.dataTransfer?.files.length) this.#check(event.dataTransfer.files[0]);
    });
  }

  #show(open) {
    this.#parts.panel.hidden = !open;
    this.#parts.launcher.hidden = open;
    this.#parts.launcher.setAttribute("aria-expanded", String(open));
    if (open) {
      this.#connection.open();
      this.#parts.box.focus();
      this.#toLatest();
    } else {
      this.#parts.launcher.focus();
    }
  }

  #say(text) {
    this.#parts.status.replaceChildren(text);
  }

  /** The line above the box says what is wrong as long as it is. */
  #status() {
    const { lost, offline, refused } = this.#words;
    const told = { lost, offline, refused: refused.replace("{name}", () => new URL(BASE).host) }[this.#state] ?? "";
    this.#parts.composer.classList.toggle("trouble", Boolean(told));
    this.#say(told);
    for (const turn of this.#turns.values()) this.#progress(turn);
  }

  #startAnew() {
    this.#connection.forget();
    this.#turns.clear();
    this.#asked = [];
    this.#parts.turns.replaceChildren();
    this.#parts.welcome.hidden = false;
    this.#parts.anew.hidden = true;
    this.#connection.open();
    this.#status();
    this.#parts.box.focus();
  }

  // --- asking

  #submitted(event) {
    event.preventDefault();
    if (event.target === this.#parts.composer) {
      const text = this.#parts.box.value.trim();
      if (!text) return this.#say(this.#words.nothing_asked);
      if (text.length > this.#limits.longest) {
        return this.#say(fill(this.#words.too_long, this.#limits.longest));
      }
      this.#parts.box.value = "";
      this.#ask(text);
    } else if (event.submitter?.name === "q") {
      this.#parts.box.focus({ preventScroll: true });
      this.#ask(event.submitter.value);
    }
  }

  #ask(text) {
    const id = this.#newId();
    this.#add(id, text);
    this.#connection.send({ id, text });
    this.#toLatest();
  }

  #check(file) {
    const words = this.#words;
    const kind = file.name.slice(file.name.lastIndexOf(".")).toLowerCase();
    if (!FILES.includes(kind)) return this.#say(words.file_kind.replace("{name}", () => file.name));
    const most = this.#limits.most_bytes;
    if (most && file.size > most) {
      return this.#say(fill(words.file_large, Math.floor(most / 1024 / 1024)).replace("{name}", () => file.name));
    }
    const id = this.#newId();
    this.#add(id, file.name).file = true;
    this.#connection.send({ id, name: file.name }, file);
    this.#toLatest();
  }

  #newId() {
    // crypto.randomUUID is missing where the page came without HTTPS.
    return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  #boxKey(event) {
    const { box, composer } = this.#parts;
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      composer.requestSubmit();
    } else if ((event.key === "ArrowUp" && (this.#recalled || !box.value)) || (event.key === "ArrowDown" && this.#recalled)) {
      const step = event.key === "ArrowUp" ? 1 : -1;
      this.#recalled = Math.max(0, Math.min(this.#asked.length, this.#recalled + step));
      box.value = this.#recalled ? this.#asked.at(-this.#recalled) : "";
      event.preventDefault();
    }
  }

  // --- the turns

  #add(id, question) {
    const turn = { id, question, node: pendingTurn(question), receipt: 0, state: "unsent", file: false };
    this.#turns.set(id, turn);
    this.#asked.push(question);
    this.#parts.turns.append(turn.node);
    this.#parts.welcome.hidden = true;
    this.#parts.anew.hidden = false;
    this.#progress(turn);
    return turn;
  }

  #replace(turn, node) {
    const held = turn.node.contains(this.shadowRoot.activeElement);
    turn.node.replaceWith(node);
    turn.node = node;
    if (held) this.#parts.box.focus({ preventScroll: true });
  }

  /** How far a question is that has no answer yet. */
  #progress(turn, text = "") {
    const line = turn.node.querySelector(".progress");
    if (!line) return;
    const { queued, looking, slow } = this.#words;
    const waits = turn.state === "unsent" && this.#state !== "online";
    turn.node.classList.toggle("waits", waits);
    line.textContent = text || (waits ? queued : turn.slow ? slow : turn.state === "unsent" ? "" : looking);
    if (turn.state === "sent" && !turn.timer) {
      turn.timer = setTimeout(() => {
        turn.slow = true;
        this.#progress(turn);
      }, SLOW_MS);
    }
  }

  #fail(turn, detail) {
    turn.state = "failed";
    clearTimeout(turn.timer);
    const again = () => {
      turn.node.remove();
      this.#turns.delete(turn.id);
      this.#parts.box.focus();
      this.#ask(turn.question);
    };
    const actions = turn.file || !this.#connection ? [] : [button(this.#words.retry, again)];
    this.#replace(turn, failedTurn(turn.question, this.#words, detail, actions));
  }

  #answer(told) {
    const known = this.#turns.get(told.id);
    if (known?.state === "answered") return;
    const turn = known ?? this.#add(told.id, told.question);
    clearTimeout(turn.timer);
    const waited = turn.state === "sent";
    turn.state = "answered";
    turn.receipt = told.receipt;
    this.#connection.drop(told.id);
    this.#numbered += 1;
    const node = answeredTurn(told, {
      prefix: `t${this.#numbered}`,
      words: this.#words,
      base: BASE,
      narrow: this.#parts.panel.clientWidth < NARROW_PX,
      scheme: ["light", "dark"].includes(this.getAttribute("theme")) ? this.getAttribute("theme") : "",
      say: (text) => this.#say(text),
      remark: async (receipt, kind, text) => (await this.#connection.remark(receipt, kind, text)).text,
    });
    this.#replace(turn, node);
    if (waited) {
      this.#say(announced(told.reply, this.#words));
      this.#toLatest(node);
    }
  }

  /** The receipt before the oldest question that has no answer: the stream goes on there. */
  #seen() {
    let seen = 0;
    for (const turn of this.#turns.values()) {
      if (turn.state === "sent") break;
      seen = Math.max(seen, turn.receipt);
    }
    return String(seen);
  }

  #toLatest(node = this.#parts.turns.lastElementChild) {
    if (!node || this.#parts.panel.hidden) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#parts.log.scrollTo({ top: node.offsetTop - 12, behavior: calm ? "auto" : "smooth" });
  }

  // --- what the connection tells

  #heard(event, data) {
    const turn = this.#turns.get(data.id);
    switch (event) {
      case "state":
        if (data.state !== this.#state) {
          this.#state = data.state;
          this.#status();
        }
        break;
      case "begun":
        this.#limits = data;
        this.#examples(data.examples);
        if (data.anew) this.#askAgain();
        break;
      case "sent":
        if (turn?.state === "unsent") {
          turn.state = "sent";
          this.#progress(turn);
          this.#say(this.#words.looking);
        }
        break;
      case "waiting":
        (turn ?? this.#add(data.id, data.question)).state = "sent";
        this.#progress(this.#turns.get(data.id));
        break;
      case "progress":
        if (turn) this.#progress(turn, data.text);
        break;
      case "answer":
        this.#answer(data);
        break;
      case "rejected":
        if (turn) this.#fail(turn, data.detail);
        break;
    }
  }

  /** A session that ended on the server answers nothing any more: its open questions go to the new one. */
  #askAgain() {
    for (const turn of this.#turns.values()) {
      if (turn.state !== "sent") continue;
      if (turn.file) {
        this.#fail(turn, this.#words.file_gone);
      } else {
        turn.state = "unsent";
        this.#connection.send({ id: turn.id, text: turn.question });
      }
    }
  }

  #examples(examples) {
    this.#parts.welcome.querySelector("form")?.remove();
    if (!examples?.length) return;
    this.#parts.welcome.append(
      element(
        "form",
        { class: "examples", "aria-label": this.#words.try },
        examples.map((text) => element("button", { type: "submit", name: "q", value: text, dir: "auto" }, text)),
      ),
    );
  }

  /** Marks of citations lead to their source within this component, where addresses do not reach. */
  #clicked(event) {
    const mark = event.target.closest?.(".cites a");
    const target = mark && this.shadowRoot.getElementById(mark.hash.slice(1));
    if (!mark) return;
    event.preventDefault();
    if (!target) return;
    target.closest("details").open = true;
    this.shadowRoot.querySelectorAll(".marked").forEach((old) => old.classList.remove("marked"));
    target.classList.add("marked");
    target.scrollIntoView({ block: "nearest" });
    (target.querySelector("a") ?? target).focus({ preventScroll: true });
  }
}

customElements.define("common-ground", CommonGround);
