// The step that is chosen: what was done and said in it, the servers, and their logs.

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

/** Whether what a leader knows of the others is seen anywhere in the run: most traces do not say. */
const hasIndexes = () => states.some((each) => servers.some((server) => (each[server].next_index || []).length > 0));

function tableOfServers() {
  const table = make("table", "");
  const all = ["server", "role", "term", "vote", "commit", "applied", `next ${servers.join(" ")}`, `match ${servers.join(" ")}`];
  const names = hasIndexes() ? all : all.slice(0, -2);
  table.append(make("thead", "", make("tr", "", ...names.map((name) => make("th", "", name)))));
  const body = make("tbody", "");
  for (const server of servers) {
    const now = cells(states[chosen][server]), before = cells(states[Math.max(0, chosen - 1)][server]);
    const row = make("tr", "", make("th", "", server));
    now.slice(0, names.length - 1).forEach((text, place) => row.append(make("td", text === before[place] ? "" : "changed", text)));
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
