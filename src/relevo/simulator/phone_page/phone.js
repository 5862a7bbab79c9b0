// The phone: who one is, one chat, kept up to date by asking for what is newer than what is shown.
import { bubble, day, el, summary } from "/phone/bubbles.js";
import { WORDS, preferred } from "/phone/words.js";

const $ = (id) => document.getElementById(id);
const AGAIN_MS = 1000;
const PEOPLE_MS = 2000;
let language = preferred();
let words = WORDS[language];
let who = null; // { customer, number, name }
let view = null; // what the simulator last said of the chat
let quoting = null;
let following = new AbortController();

function speak() {
  document.documentElement.lang = language;
  document.title = words.title;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = words[node.dataset.word];
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", words[node.dataset.label]);
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = words[node.dataset.placeholder];
}

const pretty = (digits) => (digits ? `+${digits}` : "");
const invented = () => `57300${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
const FIRST = ["Ana", "Beto", "Carla", "Diego", "Elena", "Fabián", "Gloria", "Hugo", "Inés", "Julio"];
const LAST = ["Rojas", "Pérez", "Silva", "Mora", "Ortiz", "Vega", "Lima", "Duarte"];
const any = (names) => names[Math.floor(Math.random() * names.length)];

async function ask(path, options = {}) {
  const response = await fetch(path, options);
  if (response.status === 204) return null;
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail ?? response.statusText);
  return body;
}

const post = (path, body) => ask(path, { method: "POST", body: JSON.stringify({ ...me(), ...body }) });
const me = () => ({ customer: who.customer, number: who.number, name: who.name ?? undefined });

// People

async function people() {
  if (who) return;
  try {
    const { numbers, people: known } = await ask("/phone/people");
    const shop = $("shop");
    if (shop.options.length !== numbers.length) {
      shop.replaceChildren(...numbers.map((one) => el("option", { value: one.id }, `${one.name} (${pretty(one.phone)})`)));
    }
    $("shops").hidden = numbers.length < 2;
    $("nobody").hidden = known.length > 0;
    $("known").replaceChildren(...known.map(person));
  } catch {
    // The next round shows whether it is back.
  }
}

function person(one) {
  const name = one.name ?? pretty(one.customer);
  return el("li", {},
    el("a", { href: `#${one.customer}/${one.number}` },
      el("span", { class: "face", "aria-hidden": "true" }, name.replace("+", "").slice(0, 1).toUpperCase()),
      el("strong", {}, name),
      el("span", { class: "last" }, one.text)));
}

$("newcomer").addEventListener("submit", (event) => {
  event.preventDefault();
  const customer = $("number").value.replace(/\D/g, "");
  localStorage.setItem(`phone.name.${customer}`, $("name").value.trim());
  location.hash = `#${customer}/${$("shop").value}`;
});

function suggest() {
  $("name").value = `${any(FIRST)} ${any(LAST)}`;
  $("number").value = pretty(invented());
}

// Chat

function route() {
  following.abort();
  following = new AbortController();
  const [customer, number] = decodeURIComponent(location.hash.slice(1)).split("/");
  who = customer ? { customer, number: number || undefined, name: localStorage.getItem(`phone.name.${customer}`) } : null;
  view = null;
  quote(null);
  $("people").hidden = who !== null;
  $("chat").hidden = who === null;
  $("lines").replaceChildren();
  complain(null);
  if (who) {
    $("text").value = sessionStorage.getItem(`phone.draft.${customer}`) ?? "";
    grow();
    header();
    follow(following.signal);
    $("text").focus();
  } else {
    people();
  }
}

async function follow(signal) {
  const query = new URLSearchParams({ customer: who.customer });
  if (who.number) query.set("number", who.number);
  while (!signal.aborted) {
    try {
      if (view) query.set("seen", view.version);
      const fresh = await ask(`/phone/chat?${query}`, { signal });
      $("offline").hidden = true;
      if (fresh && !signal.aborted) draw(fresh);
    } catch {
      if (signal.aborted) return;
      $("offline").hidden = false;
      await new Promise((resume) => setTimeout(resume, AGAIN_MS));
    }
  }
}

function header() {
  $("business").textContent = view?.business ?? "…";
  $("face").textContent = (view?.business ?? "").slice(0, 1);
  $("presence").textContent = view?.typing ? words.typing : words.online;
  $("presence").classList.toggle("typing", Boolean(view?.typing));
  $("me").textContent = words.as(view?.name ?? who.name ?? pretty(who.customer));
}

function draw(fresh) {
  const log = $("log");
  const atEnd = view === null || log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const before = new Map((view?.lines ?? []).map((line) => [line.wamid, JSON.stringify(line)]));
  const shown = new Map([...$("lines").children].map((node) => [node.dataset.key, node]));
  const known = new Map(fresh.lines.map((line) => [line.wamid, line]));
  view = fresh;
  header();
  const nodes = [];
  let last = null;
  for (const line of fresh.lines) {
    const today = day(line.at, words, language);
    if (today !== last) nodes.push(el("li", { class: "day", "data-key": today }, today));
    last = today;
    const same = before.get(line.wamid) === JSON.stringify(line) ? shown.get(line.wamid) : null;
    nodes.push(same ?? made(line, known.get(line.reply_to)));
  }
  if (fresh.typing) nodes.push(el("li", { class: "line theirs", "data-key": "typing", "aria-hidden": "true" }, el("div", { class: "bubble dots" }, el("i"), el("i"), el("i"))));
  if (!nodes.length) nodes.push(el("li", { class: "day", "data-key": "empty" }, words.empty));
  settle($("lines"), nodes);
  if (atEnd) log.scrollTop = log.scrollHeight;
}

/** Put `nodes` in place without touching those that are there already: focus and players stay as they are. */
function settle(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, place) => {
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null);
  });
}

function made(line, quoted) {
  const node = bubble(line, {
    words, language, quoted,
    reply: quote,
    react: (one) => attempt(post("/_sim/react", { to: one.wamid, emoji: one.reactions?.includes("❤️") ? "" : "❤️" })),
    tap: (choice) => attempt(post("/_sim/tap", { choice })),
    open: menu,
  });
  node.dataset.key = line.wamid;
  return node;
}

function menu(line) {
  $("menu-title").textContent = line.menu;
  $("rows").replaceChildren(...line.choices.map((choice) => el("li", {},
    el("button", { type: "submit", onclick: () => attempt(post("/_sim/tap", { choice: choice.id })) },
      el("strong", {}, choice.title), choice.description ? el("span", {}, choice.description) : null))));
  $("menu").showModal();
}

function quote(line) {
  quoting = line;
  $("quoted").hidden = line === null;
  $("quoted-text").textContent = line ? summary(line, words) : "";
  if (line) $("text").focus();
}

function complain(why) {
  $("failed").hidden = why === null;
  $("failed").textContent = why === null ? "" : words.failed(why);
}

async function attempt(sending) {
  try {
    await sending;
    complain(null);
    $("log").scrollTop = $("log").scrollHeight;
    return true;
  } catch (error) {
    complain(error.message);
    return false;
  }
}

function grow() {
  const text = $("text");
  text.rows = Math.min(5, text.value.split("\n").length);
}

function keep(customer, text) {
  if (text) sessionStorage.setItem(`phone.draft.${customer}`, text);
  else sessionStorage.removeItem(`phone.draft.${customer}`);
}

$("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  const { customer } = who;
  const reply_to = quoting?.wamid;
  $("text").value = "";
  quote(null);
  grow();
  if (await attempt(post("/_sim/say", { text, reply_to }))) keep(customer, "");
  else if (who?.customer === customer && !$("text").value) $("text").value = text;
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  } else if (event.key === "Escape") quote(null);
});
$("text").addEventListener("input", () => {
  grow();
  keep(who.customer, $("text").value);
});
$("file").addEventListener("change", async () => {
  const file = $("file").files[0];
  if (!file) return;
  const kind = ["image", "audio", "video"].find((one) => file.type.startsWith(`${one}/`)) ?? "document";
  const query = new URLSearchParams({ kind, filename: file.name });
  for (const [name, value] of Object.entries(me())) if (value !== undefined) query.set(name, value);
  if ($("text").value.trim() && kind !== "audio") query.set("caption", $("text").value.trim());
  const headers = { "content-type": file.type || "application/octet-stream" };
  if (await attempt(ask(`/_sim/file?${query}`, { method: "POST", body: file, headers })) && query.has("caption")) {
    $("text").value = "";
    keep(who.customer, "");
  }
  $("file").value = "";
});
$("place").addEventListener("click", () => attempt(post("/_sim/place", { latitude: 4.6533, longitude: -74.0836, name: "Bogotá" })));
$("unquote").addEventListener("click", () => quote(null));
$("back").addEventListener("click", () => { location.hash = ""; });
$("language").value = language;
$("language").addEventListener("change", () => {
  language = $("language").value;
  words = WORDS[language];
  localStorage.setItem("phone.language", language);
  speak();
  people();
});
addEventListener("hashchange", route);
setInterval(people, PEOPLE_MS);
suggest();
speak();
route();
