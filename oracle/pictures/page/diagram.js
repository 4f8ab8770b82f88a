// The space-time diagram, row by row: a lane a server, time goes down, an arrow is a message.

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
