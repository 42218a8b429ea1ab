// What this tab remembers: the conversation's id and its turns, so that coming back from a record finds them again.
// sessionStorage may be forbidden or full; the conversation then simply lasts as long as the page.

const CONVERSATION = "commonground.conversation";
const TURNS = "commonground.turns";
const KEPT = 30;

function read(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

export function loadConversation() {
  return read(CONVERSATION) ?? "";
}

export function saveConversation(id) {
  write(CONVERSATION, id || null);
}

/** [{question, reply}], oldest first. */
export function loadTurns() {
  try {
    const turns = JSON.parse(read(TURNS) ?? "[]");
    return Array.isArray(turns) ? turns.filter((turn) => turn?.question && turn?.reply?.parts) : [];
  } catch {
    return [];
  }
}

export function saveTurns(turns) {
  for (let kept = turns.slice(-KEPT); kept.length; kept = kept.slice(Math.ceil(kept.length / 2))) {
    if (write(TURNS, JSON.stringify(kept))) return;
    if (kept.length === 1) break;
  }
  write(TURNS, null);
}
