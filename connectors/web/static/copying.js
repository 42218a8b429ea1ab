// Putting text where people take it from: the clipboard, or a file.

import { element } from "./reply.js";

/** Whether the text is on the clipboard. `place`: a node whose focus comes back to `button` afterwards. */
export async function copyText(text, place, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without HTTPS there is no clipboard object; the older command still works from a click.
    const carrier = element("textarea", { class: "unseen", readonly: true, "aria-hidden": "true" }, text);
    place.append(carrier);
    carrier.select();
    const done = document.execCommand("copy");
    carrier.remove();
    button.focus();
    return done;
  }
}

/** Hands the text out as a file of that name and type. */
export function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The tables of a reply as CSV (RFC 4180), the address of each source as its last line; "" without a table. */
export function csvOf(reply, base) {
  const line = (cells) => cells.map(csvCell).join(",");
  const text = (spans) => spans.map((span) => span.text + span.cites.map((number) => ` [${number}]`).join("")).join("");
  const tables = reply.parts
    .filter((part) => part.type === "table")
    .map((part) => [line(part.columns.map((column) => column.title)), ...part.rows.map((row) => line(row.map(text)))]);
  if (!tables.length) return "";
  const sources = reply.citations.map((item) => line([`[${item.number}]`, item.title || item.record, base + item.href]));
  // The mark tells spreadsheets that it is UTF-8.
  return `\ufeff${[...tables, ...(sources.length ? [sources] : [])].map((rows) => rows.join("\r\n")).join("\r\n\r\n")}\r\n`;
}

function csvCell(text) {
  // A cell that begins like a formula would be one in a spreadsheet.
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?[\d.,\s]+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
