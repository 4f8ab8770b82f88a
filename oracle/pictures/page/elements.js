// What all parts of a page are made of: elements, in which all text goes in as text, never as markup,
// and the data that the page reads.
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
