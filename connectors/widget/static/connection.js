// To the server and back: one session, questions sent in order and once, answers read from a stream that goes on where
// it was cut. Nothing here knows of the page.

const CALL_MS = 20_000;
const FILE_MS = 120_000;
const SILENCE_MS = 40_000; // the server says something every 15 seconds
const MOST_PAUSE_S = 30;
const REST_MS = 5_000; // a browser has few connections to one server: none is held where no answer is awaited

/** This page may not ask: its origin is not among those that the server allows. */
export class Refused extends Error {}

/**
 * `base`: the server's address. `tell(event, data)` hears of:
 *   state {state}: "online", "offline" (the device is), "lost" (the server is out of reach), "refused"
 *   begun {anew, examples, longest, most_bytes}; where it is anew, nothing sent before will be answered
 *   sent {id}, rejected {id, detail}
 *   waiting {id, question}, progress {id, text}, answer {id, receipt, question, reply, answered}
 * `seen()` gives the receipt after which the stream goes on; `idle()` says whether no answer is awaited.
 */
export class Connection {
  #base;
  #language;
  #tell;
  #seen;
  #idle;
  #store;
  #kept;
  #files = new Map();
  #beginning = null;
  #sending = false;
  #listening = null;
  #opening = false;
  #resting = 0;
  #pauses = new Set();

  constructor(base, language, tell, seen, idle) {
    this.#base = base;
    this.#language = language;
    this.#tell = tell;
    this.#seen = seen;
    this.#idle = idle;
    this.#store = `commonground.widget ${base}`;
    this.#kept = { token: "", until: 0, unsent: [], ...this.#read() };
    // A file does not outlast the page that it was dropped on.
    this.lostFiles = this.#kept.unsent.filter((item) => item.name);
    this.#kept.unsent = this.#kept.unsent.filter((item) => !item.name);
    addEventListener("online", this.retry);
    addEventListener("offline", this.#cut);
  }

  /** Whether this tab has a conversation that can be gone on with. */
  get begun() {
    return Boolean(this.#kept.token);
  }

  /** What was written and not sent yet, oldest first: {id, text} or {id, name} of a file. */
  get unsent() {
    return this.#kept.unsent;
  }

  /** Begins or goes on. */
  async open() {
    this.#flush();
    if (this.begun) return this.#listen();
    if (this.#opening) return;
    this.#opening = true;
    await this.#attempt(() => this.#session());
    this.#opening = false;
  }

  send(item, file = null) {
    if (file) this.#files.set(item.id, file);
    this.#kept.unsent.push(item);
    this.#write();
    this.#flush();
  }

  /** Leaves what has not been sent. */
  drop(id) {
    this.#kept.unsent = this.#kept.unsent.filter((item) => item.id !== id);
    this.#files.delete(id);
    this.#write();
  }

  /** The next question begins a conversation of its own. */
  forget() {
    this.#kept = { token: "", until: 0, unsent: [] };
    this.#files.clear();
    this.#write();
    this.#rest();
  }

  close() {
    removeEventListener("online", this.retry);
    removeEventListener("offline", this.#cut);
    this.#rest();
  }

  /** What waits for the connection need not wait any longer. */
  retry = () => {
    this.#pauses.forEach((end) => end());
    this.#calm();
  };

  /** Where nothing is tried there is nothing to complain of. */
  #calm() {
    if (!this.#listening && !this.#sending && !this.#opening) this.#tell("state", { state: "online" });
  }

  #cut = () => {
    this.#tell("state", { state: "offline" });
    this.#listening?.cut?.();
  };

  /** {text} of thanks, or throws. */
  async remark(receipt, kind, text) {
    const response = await this.#call("feedback", this.#json({ receipt, kind, text, language: this.#language }));
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  // --- the session

  async #session() {
    if (this.#kept.token && Date.now() < this.#kept.until) return;
    this.#beginning ??= this.#begin().finally(() => (this.#beginning = null));
    try {
      await this.#beginning;
    } catch (error) {
      throw (await this.#isRefused()) ? new Refused() : error;
    }
  }

  /** A browser does not let a page read that it may not ask: that is asked for by itself. */
  async #isRefused() {
    try {
      const response = await this.#fetch("allowed", {}, "");
      return response.ok && !(await response.json()).allowed;
    } catch {
      return false;
    }
  }

  async #begin() {
    const options = this.#json({ language: this.#language });
    let response = await this.#fetch("session", options, this.#kept.token);
    const anew = !this.#kept.token || [401, 403].includes(response.status);
    if (this.#kept.token && anew) {
      this.#kept.token = "";
      response = await this.#fetch("session", options, "");
    }
    if (!response.ok) throw new Error(String(response.status));
    const begun = await response.json();
    this.#kept.token = begun.token;
    // Renewed before it ends: clocks differ, and requests take their time.
    this.#kept.until = Date.now() + (begun.seconds - 60) * 1000;
    this.#write();
    this.#tell("begun", { ...begun, anew });
  }

  #json(body) {
    return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  }

  #fetch(path, options, token, signal = AbortSignal.timeout(CALL_MS)) {
    const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
    const plain = { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", redirect: "error" };
    return fetch(`${this.#base}/widget/${path}`, { ...plain, ...options, headers, signal });
  }

  /** A response for the session; a token that is not taken any more is renewed once. */
  async #call(path, options = {}, signal = undefined) {
    await this.#session();
    const response = await this.#fetch(path, options, this.#kept.token, signal);
    if (response.status !== 401) return response;
    this.#kept.until = 0;
    await this.#session();
    return this.#fetch(path, options, this.#kept.token, signal);
  }

  // --- out

  async #flush() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#kept.unsent.length) {
        const item = this.#kept.unsent[0];
        const response = await this.#attempt(() => this.#post(item));
        if (!response) return;
        this.drop(item.id);
        if (response.status === 202) {
          this.#tell("sent", { id: item.id });
          this.#listen();
        } else {
          const body = await response.json().catch(() => ({}));
          this.#tell("rejected", { id: item.id, detail: String(body?.detail ?? "") });
        }
      }
    } finally {
      this.#sending = false;
    }
  }

  async #post(item) {
    const file = this.#files.get(item.id);
    if (!item.name) return this.#call("messages", this.#json({ ...item, language: this.#language }));
    const form = new FormData();
    form.set("id", item.id);
    form.set("language", this.#language);
    form.set("file", file, item.name);
    return this.#call("file", { method: "POST", body: form }, AbortSignal.timeout(FILE_MS));
  }

  /** What `work` returns, tried until the server takes or refuses it; nothing where this page may not ask at all. */
  async #attempt(work) {
    for (let pause = 1; ; pause = Math.min(pause * 2, MOST_PAUSE_S)) {
      let wait = pause;
      try {
        const response = await work();
        if (!response || (response.status < 500 && response.status !== 429)) {
          this.#tell("state", { state: "online" });
          return response;
        }
        wait = Number(response.headers.get("Retry-After")) || pause;
        this.#lost();
      } catch (error) {
        if (error instanceof Refused) return this.#tell("state", { state: "refused" });
        this.#lost();
      }
      await this.#pause(wait);
    }
  }

  #pause(seconds) {
    return new Promise((done) => {
      const end = () => {
        clearTimeout(timer);
        this.#pauses.delete(end);
        done();
      };
      // Not all at once after a restart of the server.
      const timer = setTimeout(end, seconds * 1000 * (0.75 + Math.random() / 2));
      this.#pauses.add(end);
    });
  }

  // --- in

  async #listen() {
    if (this.#listening) return;
    const listening = new AbortController();
    this.#listening = listening;
    for (let pause = 0.5; !listening.signal.aborted; pause = Math.min(pause * 2, MOST_PAUSE_S)) {
      const cut = new AbortController();
      listening.cut = () => cut.abort();
      try {
        const signal = AbortSignal.any([listening.signal, cut.signal]);
        const response = await this.#call("events", { headers: { "Last-Event-ID": this.#seen() } }, signal);
        if (!response.ok) throw new Error(String(response.status));
        this.#tell("state", { state: "online" });
        pause = 0.5;
        this.#restLater();
        await this.#follow(response.body, () => cut.abort());
      } catch (error) {
        if (error instanceof Refused) return this.#tell("state", { state: "refused" });
        if (!listening.signal.aborted) this.#lost();
      }
      if (!listening.signal.aborted) await this.#pause(pause);
    }
  }

  #rest() {
    clearTimeout(this.#resting);
    this.#listening?.abort();
    this.#listening = null;
  }

  #restLater() {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      if (!this.#idle()) return;
      this.#rest();
      if (navigator.onLine) this.#calm();
    }, REST_MS);
  }

  #lost() {
    this.#tell("state", { state: navigator.onLine ? "lost" : "offline" });
  }

  /** Reads events until the stream ends or falls silent. */
  async #follow(body, cut) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let timer = setTimeout(cut, SILENCE_MS);
    let rest = "";
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(cut, SILENCE_MS);
        const events = (rest + value).split("\n\n");
        rest = events.pop();
        events.forEach((event) => this.#hear(event));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #hear(event) {
    const fields = Object.fromEntries(event.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line]));
    if (!fields.event || !fields.data) return;
    this.#tell(fields.event.slice(7), JSON.parse(fields.data.slice(6)));
    this.#restLater();
  }

  // --- what this tab remembers; sessionStorage may be forbidden or full, it then lasts as long as the page

  #read() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#store) ?? "{}");
      return Array.isArray(kept.unsent) ? kept : {};
    } catch {
      return {};
    }
  }

  #write() {
    try {
      sessionStorage.setItem(this.#store, JSON.stringify(this.#kept));
    } catch {
      // See above.
    }
  }
}
