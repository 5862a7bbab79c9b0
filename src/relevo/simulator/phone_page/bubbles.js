// Draws the bubbles of a chat. What a message says is only ever set as text.

const TICKS = { sent: "M3 9l4 4 8-8", delivered: "M1 9l4 4 8-8M9 12l1 1 8-8", read: "M1 9l4 4 8-8M9 12l1 1 8-8" };

export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

function svg(path) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  node.setAttribute("viewBox", "0 0 19 18");
  node.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  node.append(line);
  return node;
}

/** What a message is called in a quote. */
export function summary(line, words) {
  return line.text || line.details?.join(", ") || words.kinds[line.kind] || words.gone;
}

export function day(at, words, language) {
  const date = new Date(at * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return words.today;
  if (days === 1) return words.yesterday;
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "long" }).format(date);
}

export function bubble(line, { words, language, quoted, reply, react, tap, open }) {
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(line.at * 1000);
  const side = line.mine ? "mine" : "theirs";
  const item = el("li", { class: `line ${side}`, "data-wamid": line.wamid });
  const body = el("div", { class: "bubble" });
  if (line.mine) body.append(el("span", { class: "unseen" }, `${words.mine}: `));
  if (quoted) body.append(el("blockquote", {}, summary(quoted, words)));
  if (line.header) body.append(el("p", { class: "header" }, line.header));
  body.append(...content(line, words));
  if (line.footer) body.append(el("p", { class: "footer" }, line.footer));
  const foot = el("p", { class: "foot" }, el("time", { datetime: new Date(line.at * 1000).toISOString() }, time));
  if (line.ticks) {
    foot.append(el("span", { class: `ticks ${line.ticks}` }, svg(TICKS[line.ticks]), el("span", { class: "unseen" }, words[line.ticks])));
  }
  body.append(foot);
  if (line.reactions) body.append(el("p", { class: "reactions" }, line.reactions.join(" ")));
  item.append(body);
  if (line.link) {
    const safe = /^https?:/i.test(line.link.url) ? line.link.url : null;
    item.append(el("a", { class: "choice", href: safe, target: "_blank", rel: "noopener noreferrer" }, line.link.title));
  }
  if (line.menu) {
    item.append(el("button", { class: "choice", type: "button", "aria-haspopup": "dialog", onclick: () => open(line) }, `☰ ${line.menu}`));
  } else {
    for (const choice of line.choices ?? []) {
      item.append(el("button", { class: "choice", type: "button", onclick: () => tap(choice.id) }, choice.title));
    }
  }
  if (!line.mine) {
    const about = summary(line, words).slice(0, 40);
    item.append(
      el("div", { class: "acts" },
        el("button", { type: "button", "aria-label": `${words.reply}: ${about}`, title: words.reply, onclick: () => reply(line) }, "↩"),
        el("button", { type: "button", "aria-label": `${words.react}: ${about}`, title: words.react, onclick: () => react(line) }, "♡")),
    );
  }
  return item;
}

function content(line, words) {
  const parts = [];
  const name = words.kinds[line.kind] ?? line.kind;
  const safe = line.file && /^(https?:|\/phone\/media\/)/i.test(line.file) ? line.file : null;
  if (line.kind === "image" || line.kind === "sticker") parts.push(safe ? el("img", { src: safe, alt: line.text || name }) : el("p", { class: "kind" }, name));
  else if (line.kind === "audio") parts.push(safe ? el("audio", { src: safe, controls: "", "aria-label": name }) : el("p", { class: "kind" }, name));
  else if (line.kind === "video") parts.push(safe ? el("video", { src: safe, controls: "", "aria-label": name }) : el("p", { class: "kind" }, name));
  else if (line.kind === "document") parts.push(el("a", { class: "document", href: safe, target: "_blank", rel: "noopener noreferrer" }, line.filename ?? name));
  else if (["location", "contacts", "template"].includes(line.kind)) parts.push(el("p", { class: "kind" }, name));
  if (line.text) parts.push(el("p", { class: "text" }, ...formatted(line.text)));
  for (const detail of line.details ?? []) parts.push(el("p", { class: "text detail" }, detail));
  return parts;
}

/** WhatsApp's *bold*, _italic_, ~struck~ and links. */
function formatted(text) {
  const parts = [];
  let rest = 0;
  for (const match of text.matchAll(/(^|[\s(¡¿])([*_~])(\S|\S[^\n]*?\S)\2(?=$|[\s).,:;!?])|https?:\/\/[^\s<>"]+/g)) {
    const lead = match[1] ?? "";
    parts.push(text.slice(rest, match.index) + lead);
    if (match[2]) parts.push(el({ "*": "strong", _: "em", "~": "s" }[match[2]], {}, match[3]));
    else parts.push(el("a", { href: match[0], target: "_blank", rel: "noopener noreferrer" }, match[0]));
    rest = match.index + match[0].length;
  }
  parts.push(text.slice(rest));
  return parts;
}
