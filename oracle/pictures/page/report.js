// Draws one execution: what was broken, the space-time diagram row by row, and the servers at the
// step that is chosen. It reads the data that stands in the page and asks for nothing else. All
// text goes in as text, never as markup.
"use strict";

/** @typedef {{is_up?: boolean, role: string, current_term: number, voted_for?: string | null, commit_index: number, last_applied: number, snapshot_index?: number, log?: [number, string][], next_index?: number[], match_index?: number[], configuration?: string}} ServerState */
/** @typedef {{source: string, destination: string, text: string, kind?: string, fields?: Record<string, unknown>, sent_in: number, arrived_in?: number[], lost_in?: number, is_cut_off?: boolean}} Message */
/** @typedef {{label: string, action: Record<string, unknown>, text: string, server?: string, change?: string, states?: Record<string, ServerState>, message?: number, sent?: number[], cut?: [string, string][], crashed?: boolean, answers?: string[], handler?: [string, string], rests_on?: string[], is_round?: boolean, is_quiet?: boolean}} Step */
/** @typedef {{title: string, first: number, last: number, is_stage?: boolean}} Group */
/** @typedef {{origin: {subject: string, subject_version: string, network: string, settings?: Record<string, string>, mutant?: string, ignore?: string[], driver?: string, seed?: number, heading?: string, commands?: string[]}, verdict: {property: string, statement: string, source: string, detail: string, servers: string[]} | null, servers: string[], start: Record<string, ServerState>, steps: Step[], messages: Message[], groups: Group[], ends?: number[], in_flight?: number[], macro?: string[]}} Execution */
/** @typedef {{first: number, last: number, title: string}} Row A row of the diagram: one step, or the steps of a folded group; positions, both included. */

const SVG = "http://www.w3.org/2000/svg";
const LONGEST = 2000;
const LONGEST_ARROW = 60;
const MOST_NAMES = 10;

/**
 * Text as it may be shown: what steers a terminal or turns the direction of reading becomes a name.
 * @param {unknown} value
 */
function plain(value) {
  const text = String(value);
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length - LONGEST} more characters)` : text;
  return shown.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (each) => `⟨U+${each.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

/**
 * An element with its class and what is in it.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} kind
 * @param {...(Node | string)} inside
 */
function make(name, kind, ...inside) {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  element.append(...inside.map((each) => (typeof each === "string" ? plain(each) : each)));
  return element;
}

/**
 * Text in which no line ends within an arrow.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function unbroken(text) {
  if (text.length > LONGEST) return [text];
  return text.split(/(->)/).map((part) => (part === "->" ? make("span", "together", part) : part));
}

/**
 * A shape of SVG.
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** @type {Execution} */
let execution;
/** @type {string[]} */
let servers = [];
/** @type {Step[]} */
let steps = [];
/** @type {Message[]} */
let messages = [];
/** @type {Record<string, ServerState>[]} Servers by position, each log filled in; position 0 is the start. */
let states = [];
/** @type {Map<number, Group>} Groups by the position at which they begin. */
let groupAt = new Map();
let chosen = 0;
/** @type {Row[]} */
let rows = [];
const list = make("ol", "steps");
const panel = make("section", "state");
const slider = make("input", "");
const folding = make("input", "");
const hiding = make("input", "");

/** @returns {Record<string, ServerState>[]} */
function allStates() {
  let now = { ...execution.start };
  const found = [now];
  for (const step of steps) {
    now = { ...now };
    for (const [server, state] of Object.entries(step.states || {})) {
      now[server] = { ...state, log: state.log || now[server].log };
    }
    found.push(now);
  }
  return found;
}

// ---- the top -------------------------------------------------------------------------------------

function header() {
  const { verdict, origin } = execution;
  const top = make("header", "");
  top.append(make("h1", "", verdict ? verdict.detail : `No violation in ${countedSteps()} steps.`));
  if (verdict) {
    const name = make("span", "broken", verdict.property);
    top.append(make("p", "", name, ` is broken ${steps.length ? `at step ${steps[steps.length - 1].label}` : "at the start"}. ${verdict.statement} `, make("span", "faint", `(${verdict.source})`)));
  }
  top.append(make("p", "faint", origin.heading || `${origin.subject} ${origin.subject_version}`));
  if (verdict) top.append(...restsAtTop());
  if (origin.commands && origin.commands.length) top.append(make("pre", "", origin.commands.join("\n")));
  return top;
}

/** What the breach rests on, each with a way to its step. */
function restsAtTop() {
  const found = steps.flatMap((step) => (step.rests_on || []).map((what) => ({ label: step.label, what })));
  if (!found.length) return [];
  const last = steps[steps.length - 1];
  const told = [...found.slice(-8), { label: last.label, what: `then ${last.text}${last.change ? `: ${last.change}` : ""}` }];
  const links = told.map(({ label, what }) => {
    const link = make("a", "", `${what} (step ${label})`);
    link.href = `#step=${label}`;
    return make("li", "", link);
  });
  return [make("p", "", "It rests on what happened before:"), make("ul", "", ...links)];
}

function countedSteps() {
  return steps.filter((step) => !step.is_round).length;
}

function tools() {
  const found = make("div", "tools");
  const back = make("button", "", "← step back");
  const on = make("button", "", "next step →");
  back.addEventListener("click", () => move(-1));
  on.addEventListener("click", () => move(1));
  slider.type = "range";
  slider.min = "0";
  slider.setAttribute("aria-label", "step");
  slider.addEventListener("input", () => choose(rows[Number(slider.value)].last));
  for (const box of [folding, hiding]) {
    box.type = "checkbox";
    box.addEventListener("change", draw);
  }
  found.append(back, slider, on, make("label", "", folding, "fold elections and rounds"), make("label", "", hiding, "hide steps without effect"));
  return found;
}

// ---- the diagram ---------------------------------------------------------------------------------

/** The rows that are to be seen, after folding and hiding. */
function visibleRows() {
  /** @type {Row[]} */
  const found = [{ first: 0, last: 0, title: "" }];
  for (let position = 1; position <= steps.length; position++) {
    const group = groupAt.get(position);
    const folded = group && (folding.checked || steps[position - 1].is_round) && group.last < steps.length + (steps[position - 1].is_round ? 1 : 0);
    if (group && folded && !unfolded.has(group.first)) {
      found.push({ first: group.first, last: group.last, title: group.title });
      position = group.last;
    } else if (!(hiding.checked && steps[position - 1].is_quiet)) {
      found.push({ first: position, last: position, title: "" });
    }
  }
  return found;
}

/** @type {Set<number>} Positions that some row shows. */
const shown = new Set();

/** @type {Set<number>} Groups that are shown in full although the others are folded. */
const unfolded = new Set();

function draw() {
  rows = visibleRows();
  shown.clear();
  /** @type {number[]} By position, the row that shows it, or the one before it where none does. */
  const rowOf = [];
  rows.forEach((row, place) => {
    for (let position = row.first; position <= row.last; position++) {
      rowOf[position] = place;
      shown.add(position);
    }
  });
  for (let position = 1; position <= steps.length; position++) rowOf[position] ??= rowOf[position - 1];
  const pieces = rows.map(() => shape("svg", { "aria-hidden": "true" }));
  drawBands(pieces);
  drawLanes(pieces);
  list.replaceChildren(heading(), ...rows.map((row, place) => rowElement(row, pieces[place])));
  redrawArrows = () => drawArrows(pieces, rowOf);
  redrawArrows();
  slider.max = String(rows.length - 1);
  choose(chosen);
}

/** Draws the arrows anew, which is straight as long as the rows keep their heights. */
let redrawArrows = () => {};

function heading() {
  const names = make("div", `lanes lanes${servers.length}`, ...servers.map((server) => make("span", "", server)));
  const row = make("li", "row head", names);
  row.setAttribute("aria-hidden", "true");
  return row;
}

/**
 * @param {Row} row
 * @param {Element} piece
 */
function rowElement(row, piece) {
  const lanes = make("div", `lanes lanes${servers.length}`, piece);
  const button = make("button", "");
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.position = String(row.last);
  button.append(make("span", "number", numberOf(row)), words(row));
  button.addEventListener("click", () => {
    if (row.title) unfold(row);
    else choose(row.last, true);
  });
  const isLast = execution.verdict !== null && row.last === steps.length && row.last > 0;
  return make("li", isLast ? "row last" : "row", lanes, button);
}

/** @param {Row} row */
function unfold(row) {
  unfolded.add(row.first);
  draw();
  choose(row.first, true);
}

/** @param {Row} row */
function numberOf(row) {
  if (row.last === 0) return "";
  return row.title ? `${steps[row.first - 1].label}–${steps[row.last - 1].label}` : steps[row.last - 1].label;
}

/** @param {Row} row */
function words(row) {
  if (row.last === 0) return make("span", "words", make("span", "what faint", "start"));
  const found = make("span", "words");
  const inside = steps.slice(row.first - 1, row.last);
  if (row.title) found.append(make("span", "what", `▸ ${row.title}`));
  else {
    const step = inside[0];
    const group = groupAt.get(row.first);
    if (group && group.is_stage) found.append(make("span", "stage", group.title));
    found.append(make("span", "what", ...unbroken(step.text)), make("span", "change", ...unbroken(step.change || "")));
  }
  const rests = inside.flatMap((step) => step.rests_on || []);
  if (rests.length) found.append(make("span", "rests", rests.join("; ")));
  if (execution.verdict && row.last === steps.length) found.append(make("span", "what broken", execution.verdict.property));
  return found;
}

/** The middle of a lane, in per cent. @param {number} lane */
const middle = (lane) => (100 * (lane + 0.5)) / servers.length;
/** @param {number} value */
const percent = (value) => `${value.toFixed(2)}%`;

/** @param {Element[]} pieces */
function drawLanes(pieces) {
  rows.forEach((row, place) => {
    const before = states[Math.max(0, row.first - 1)], after = states[row.last];
    servers.forEach((server, lane) => {
      const x = percent(middle(lane));
      const restarts = row.last > 0 && steps[row.last - 1].action.action === "Restart" && steps[row.last - 1].server === server;
      if (place > 0) pieces[place].append(shape("line", { class: `lane ${restarts ? "down" : look(before[server])}`, x1: x, x2: x, y1: "0%", y2: "50%" }));
      pieces[place].append(shape("line", { class: `lane ${look(after[server])}`, x1: x, x2: x, y1: "50%", y2: "100%" }));
    });
    for (let position = row.first; position <= row.last; position++) drawEvent(pieces[place], position);
    servers.forEach((server, lane) => {
      if (place > 0 && before[server].current_term === after[server].current_term) return;
      const term = shape("text", { class: "term", x: percent(middle(lane)), dx: 6, y: "50%", dy: -3 });
      term.textContent = `t${after[server].current_term}`;
      pieces[place].append(term);
    });
  });
}

/** @param {ServerState} state */
const look = (state) => (state.is_up === false ? "down" : state.role);

/**
 * @param {Element} piece
 * @param {number} position
 */
function drawEvent(piece, position) {
  const step = steps[position - 1];
  if (!step || !step.server) return;
  const lane = servers.indexOf(step.server);
  const isBad = execution.verdict !== null && position === steps.length;
  piece.append(shape("circle", { class: isBad ? "dot bad" : "dot", cx: percent(middle(lane)), cy: "50%", r: isBad ? 7 : 4 }));
  if (states[position][step.server].is_up === false) cross(piece, middle(lane), "stop");
}

/**
 * A cross in the middle of a row.
 * @param {Element} piece
 * @param {number} x
 * @param {string} kind
 */
function cross(piece, x, kind) {
  const inner = shape("svg", { class: kind, x: percent(x), y: "50%", overflow: "visible" });
  inner.append(shape("path", { class: "cross", d: "M-5-5L5 5M5-5L-5 5" }));
  piece.append(inner);
}

/**
 * Bands between neighbouring lanes where nothing passes.
 * @param {Element[]} pieces
 */
function drawBands(pieces) {
  rows.forEach((row, place) => {
    const cut = new Set((row.last ? steps[row.last - 1].cut || [] : []).map((link) => link.join(" ")));
    for (let lane = 0; lane + 1 < servers.length; lane++) {
      const [one, other] = [servers[lane], servers[lane + 1]];
      if (!cut.has(`${one} ${other}`) && !cut.has(`${other} ${one}`)) continue;
      const x = middle(lane) + 25 / servers.length;
      pieces[place].append(shape("rect", { class: "band", x: percent(x), y: 0, width: percent(50 / servers.length), height: "100%" }));
    }
  });
}

/**
 * @param {Element[]} pieces
 * @param {number[]} rowOf
 */
function drawArrows(pieces, rowOf) {
  for (const old of list.querySelectorAll(".arrow, .fate")) old.remove();
  places = placesOf(pieces);
  messages.forEach((message, number) => {
    const from = rowOf[message.sent_in];
    const source = middle(servers.indexOf(message.source));
    const target = middle(servers.indexOf(message.destination));
    (message.arrived_in || []).forEach((arrival, copy) => {
      const to = rowOf[arrival];
      if (isHidden(arrival) || isHidden(message.sent_in)) return;
      const isCopy = copy + 1 < (message.arrived_in || []).length || message.lost_in !== undefined;
      const kind = `${isCopy ? "copy" : ""} ${steps[arrival - 1].is_quiet ? "pale" : ""}`;
      if (to > from) arrow(pieces, from, source, to, target, kind, number, true);
    });
    if (message.lost_in !== undefined && !isHidden(message.lost_in)) {
      const to = rowOf[message.lost_in];
      const half = source + 0.6 * (target - source);
      if (to > from) arrow(pieces, from, source, to, half, "lost", number, false);
      cross(pieces[to], half, "fate");
    } else if (message.is_cut_off && !isHidden(message.sent_in)) {
      cross(pieces[from], source + 0.5 * (target - source) / Math.max(1, Math.abs(servers.indexOf(message.destination) - servers.indexOf(message.source))), "fate");
    }
  });
}

/** @type {{middle: number, end: number}[]} How far down each row's middle and its lower edge are, in pixels. */
let places = [];

/** @param {Element[]} pieces */
function placesOf(pieces) {
  let end = 0;
  return pieces.map((piece) => {
    const height = piece.getBoundingClientRect().height || 1;
    end += height;
    return { middle: end - height / 2, end };
  });
}

/** @param {number} position */
const isHidden = (position) => !shown.has(position);

/**
 * An arrow from the middle of one row to the middle of a later one, a piece in each row.
 * @param {Element[]} pieces
 * @param {number} from
 * @param {number} source
 * @param {number} to
 * @param {number} target
 * @param {string} kind
 * @param {number} number
 * @param {boolean} arrives
 */
function arrow(pieces, from, source, to, target, kind, number, arrives) {
  /** Where it passes the lower edge of a row. @param {number} row */
  const at = (row) => {
    const way = (places[row].end - places[from].middle) / (places[to].middle - places[from].middle);
    return percent(source + (target - source) * way);
  };
  const isLong = to - from > LONGEST_ARROW;
  for (let row = from; row <= to; row++) {
    if (isLong && row === from + 2) row = to - 1;  // the middle of a very long way is left out
    const isFirst = row === from, isLast = row === to;
    const piece = shape("line", {
      class: `arrow ${kind}`, "data-message": number,
      x1: isFirst ? percent(source) : at(row - 1), y1: isFirst ? "50%" : "0%",
      x2: isLast ? percent(target) : at(row), y2: isLast ? "50%" : "100%",
    });
    if (isLast && arrives) piece.setAttribute("marker-end", "url(#tip)");
    pieces[row].append(piece);
  }
}

function markers() {
  const holder = shape("svg", { width: 0, height: 0, "aria-hidden": "true" });
  const tip = shape("marker", { id: "tip", viewBox: "0 0 8 8", refX: 11, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" });
  tip.append(shape("path", { class: "head-of-arrow", d: "M0 0L8 4L0 8z" }));
  holder.append(tip);
  return holder;
}

// ---- the step that is chosen ---------------------------------------------------------------------

/**
 * @param {number} position
 * @param {boolean} [focus]
 */
function choose(position, focus = false) {
  let place = rows.findIndex((row) => row.first <= position && position <= row.last);
  if (place < 0) place = rows.length - 1 - [...rows].reverse().findIndex((row) => row.last <= position);
  chosen = rows[place].last;
  slider.value = String(place);
  slider.setAttribute("aria-valuetext", `step ${chosen ? steps[chosen - 1].label : "start"}`);
  for (const each of list.querySelectorAll("button")) {
    const isIt = each.dataset.position === String(chosen);
    each.tabIndex = isIt ? 0 : -1;
    if (isIt) each.setAttribute("aria-current", "step");
    else each.removeAttribute("aria-current");
    if (isIt && focus) each.focus();
    if (isIt && focus) each.scrollIntoView({ block: "nearest" });
  }
  markChosen();
  history.replaceState(null, "", `#step=${chosen ? steps[chosen - 1].label : 0}`);
  panel.replaceChildren(...panelParts());
}

/** Marks the arrow of the message that the chosen step is about. */
function markChosen() {
  const moved = chosen ? steps[chosen - 1].message : undefined;
  for (const each of list.querySelectorAll(".arrow")) each.classList.toggle("chosen", each.getAttribute("data-message") === String(moved));
}

/** @param {number} rowsOn */
function move(rowsOn) {
  const place = rows.findIndex((row) => row.last === chosen);
  choose(rows[Math.min(rows.length - 1, Math.max(0, place + rowsOn))].last, true);
}

function panelParts() {
  const step = chosen ? steps[chosen - 1] : null;
  const title = make("h2", "", step ? `After step ${step.label}: ${step.text}` : "At the start");
  /** @type {HTMLElement[]} */
  const parts = [title];
  if (step && step.handler) parts.push(make("p", "faint", `handled in ${step.handler.join(", ")}`));
  if (step && step.message !== undefined) parts.push(...saidBy(messages[step.message]));
  if (step && step.cut && step.cut.length) parts.push(make("p", "", `Nothing passes: ${step.cut.map((link) => link.join(" → ")).join(", ")}`));
  parts.push(tableOfServers(), make("h2", "", "Logs"), tableOfLogs(), ...servers.flatMap(notOnDisk));
  if (step && step.sent && step.sent.length) parts.push(make("h2", "", "Sends"), sentIn(step.sent));
  return parts;
}

/** @param {Message} message */
function saidBy(message) {
  const fields = Object.entries(message.fields || {});
  if (!fields.length) return [make("p", "code", message.text)];
  const found = make("dl", "said");
  for (const [name, value] of fields) {
    found.append(make("dt", "", name), make("dd", "", Array.isArray(value) ? value.join(", ") || "none" : String(value)));
  }
  return [found];
}

/** What a server has at the chosen step, and its next restart does not find again. @param {string} server */
function notOnDisk(server) {
  const restart = steps.findIndex((step, place) => place >= chosen && step.action.action === "Restart" && step.server === server);
  if (restart < 0) return [];
  const now = states[chosen][server], later = states[restart + 1][server];
  const gone = (now.log || []).flatMap((entry, place) => {
    const index = (now.snapshot_index || 0) + place + 1;
    return isLost(now, states[restart][server], later, index) ? [`entry ${index}@${entry[0]}`] : [];
  });
  const hasForgotten = now.voted_for && states[restart][server].current_term === now.current_term && (later.current_term < now.current_term || later.voted_for !== now.voted_for);
  if (hasForgotten) gone.unshift(`its vote for ${now.voted_for}`);
  return gone.length ? [make("p", "", `What the restart of ${server} in step ${steps[restart].label} does not find again: ${gone.join(", ")}.`)] : [];
}

/**
 * Whether an entry is kept until a restart, and gone after it.
 * @param {ServerState} now
 * @param {ServerState} before
 * @param {ServerState} after
 * @param {number} index
 */
function isLost(now, before, after, index) {
  const entry = String(entryAt(now, index));
  return entry === String(entryAt(before, index)) && index > (after.snapshot_index || 0) && entry !== String(entryAt(after, index));
}

/** @param {ServerState} state @param {number} index */
const entryAt = (state, index) => (state.log || [])[index - (state.snapshot_index || 0) - 1];

/** @param {number[]} sent */
function sentIn(sent) {
  /** @type {Map<string, string[]>} By what is sent and what becomes of it, to whom. */
  const receivers = new Map();
  for (const number of sent) {
    const message = messages[number];
    const arrivals = (message.arrived_in || []).map((position) => steps[position - 1].label);
    const fate = arrivals.length ? `arrives in step ${arrivals.join(" and ")}` : message.lost_in !== undefined ? "is lost" : message.is_cut_off ? "does not pass" : "has not arrived";
    const what = `${message.text} (${fate})`;
    receivers.set(what, [...(receivers.get(what) || []), message.destination]);
  }
  return make("ul", "", ...[...receivers].map(([what, to]) => make("li", "", `to ${to.join(" ")}: ${what}`)));
}

function tableOfServers() {
  const table = make("table", "");
  const names = ["server", "role", "term", "vote", "commit", "applied", `next ${servers.join(" ")}`, `match ${servers.join(" ")}`];
  table.append(make("thead", "", make("tr", "", ...names.map((name) => make("th", "", name)))));
  const body = make("tbody", "");
  for (const server of servers) {
    const now = cells(states[chosen][server]), before = cells(states[Math.max(0, chosen - 1)][server]);
    const row = make("tr", "", make("th", "", server));
    now.forEach((text, place) => row.append(make("td", text === before[place] ? "" : "changed", text)));
    body.append(row);
  }
  table.append(body);
  return scrolling(table, "servers");
}

/** @param {ServerState} state */
function cells(state) {
  /** @param {number[]} [indexes] */
  const list = (indexes) => (indexes && indexes.length ? indexes.join(" ") : "–");
  return [
    state.is_up === false ? "down" : state.role, String(state.current_term), state.voted_for || "–",
    String(state.commit_index), String(state.last_applied), list(state.next_index), list(state.match_index),
  ];
}

function tableOfLogs() {
  const now = states[chosen], before = states[Math.max(0, chosen - 1)];
  const ends = servers.map((server) => (now[server].snapshot_index || 0) + (now[server].log || []).length);
  const begins = servers.map((server) => now[server].snapshot_index || 0);
  const first = Math.max(1, Math.min(...begins)), last = Math.max(...ends);
  if (last < first) return make("p", "faint", "all empty");
  const table = make("table", "log");
  const numbers = [];
  for (let index = first; index <= last; index++) numbers.push(make("th", "", String(index)));
  table.append(make("thead", "", make("tr", "", make("th", "", "index"), ...numbers)));
  const body = make("tbody", "");
  for (const server of servers) body.append(logRow(server, now[server], before[server], first, last));
  table.append(body);
  return scrolling(table, "logs");
}

/**
 * @param {string} server
 * @param {ServerState} state
 * @param {ServerState} before
 * @param {number} first
 * @param {number} last
 */
function logRow(server, state, before, first, last) {
  const row = make("tr", "", make("th", "", server));
  const start = state.snapshot_index || 0;
  if (start >= first) {
    const covered = make("td", start > (before.snapshot_index || 0) ? "changed" : "", make("span", "cell covered", `snapshot to ${start}`));
    covered.colSpan = start - first + 1;
    row.append(covered);
  }
  for (let index = Math.max(first, start + 1); index <= last; index++) {
    const entry = entryAt(state, index);
    const old = entryAt(before, index);
    if (!entry) row.append(make("td", old ? "changed" : "", old ? "–" : ""));
    else {
      const cell = make("span", `cell term${entry[0] ? ((entry[0] - 1) % 6) + 1 : 0}`, make("small", "", `t${entry[0]} `), entry[1].slice(0, 40));
      if (index <= state.commit_index) cell.classList.add("committed");
      if (!old || old[0] !== entry[0] || old[1] !== entry[1]) cell.classList.add("changed");
      cell.title = plain(`${server}, index ${index}, term ${entry[0]}: ${entry[1]}${index <= state.commit_index ? ", committed" : ""}`);
      row.append(make("td", "", cell));
    }
  }
  return row;
}

/**
 * @param {HTMLElement} table
 * @param {string} label
 */
function scrolling(table, label) {
  const holder = make("div", "scroll", table);
  holder.tabIndex = 0;
  holder.setAttribute("role", "region");
  holder.setAttribute("aria-label", label);
  return holder;
}

// ---- the page ------------------------------------------------------------------------------------

function footer() {
  const { origin, macro } = execution;
  const foot = make("footer", "");
  if (macro && macro.length) foot.append(make("h2", "", "The same in macro actions"), make("pre", "", macro.join("\n")));
  const about = [`network: ${origin.network}`];
  if (origin.driver) about.push(`driver: ${origin.driver}`);
  if (origin.seed !== undefined) about.push(`seed: ${origin.seed}`);
  if (origin.mutant) about.push(`mutant: ${origin.mutant}`);
  for (const [name, value] of Object.entries(origin.settings || {})) about.push(`${name}=${value}`);
  if (origin.ignore && origin.ignore.length) about.push(`not held against it: ${origin.ignore.length > MOST_NAMES ? `${origin.ignore.length} properties and rules` : origin.ignore.join(", ")}`);
  foot.append(make("p", "faint", about.join("; ")));
  foot.append(make("p", "faint", "A lane a server, time goes down. Thin line: follower; dashed: candidate; thick: leader; dotted: down. Arrows run from where a message was sent to where it arrived; dotted ones are copies, pale ones are those of which nothing came, a cross is where one was lost, a shaded band is where nothing passes. ◆ marks what the broken property rests on. In logs, a thick underline is what the server knows to be committed; a frame is what the step changed. Keys: ↑ and ↓ go through the steps, Home and End to the first and the last."));
  return foot;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.target === slider || event.altKey || event.ctrlKey || event.metaKey) return;
  /** @type {Record<string, number>} */
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -rows.length, End: rows.length };
  if (event.key === " " || !(event.key in by) || !list.contains(/** @type {Node} */ (event.target))) return;
  event.preventDefault();
  move(by[event.key]);
}

/**
 * The position of the step that the address names; the last one where it names none.
 * @param {Step[]} among
 */
function positionOf(among) {
  const label = new URLSearchParams(location.hash.slice(1)).get("step");
  if (label === "0") return 0;
  const place = among.findIndex((step) => step.label === label);
  return place < 0 ? among.length : place + 1;
}

/** What else stands on the page, such as what may happen next in a run that is played. @type {HTMLElement[]} */
const beside = [];

/**
 * Shows an execution in place of the one that was there.
 * @param {Execution} shownNow
 * @param {number} position
 */
function load(shownNow, position) {
  execution = shownNow;
  ({ servers, steps, messages } = execution);
  states = allStates();
  groupAt = new Map(execution.groups.map((group) => [group.first, group]));
  list.className = servers.length > 4 ? "steps many" : "steps";
  unfolded.clear();
  const main = make("main", "");
  const diagram = make("section", "", bar, list);
  diagram.setAttribute("aria-label", "steps");
  main.append(...beside, panel, diagram);
  document.body.replaceChildren(markers(), header(), main, footer());
  chosen = Math.min(position, steps.length);
  draw();
}

const bar = tools();

function begin() {
  panel.setAttribute("aria-label", "servers at the chosen step");
  panel.setAttribute("aria-live", "polite");
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => choose(positionOf(steps)));
  new ResizeObserver(() => {
    redrawArrows();
    markChosen();
  }).observe(list);
  const data = document.getElementById("execution");
  if (!data) return;
  /** @type {Execution} */
  const read = JSON.parse(data.textContent || "");
  hiding.checked = read.steps.length > 40;
  load(read, positionOf(read.steps));
}

begin();
