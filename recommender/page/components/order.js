// Rows of songs that are put in order: by dragging a handle, by arrow keys on it, or by buttons.
//
// A change is shown at once, and asked of the server, one at a time and in turn: {song, from, to}, or {song, from} to
// remove it, or {undo}. The server answers by counting `done` up; until all are answered its rows are not shown, being of before.

const lists = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (!lists.has(parentElement)) lists.set(parentElement, new Rows(parentElement));
  lists.get(parentElement).update(data, (asked) => setTriggerValue("asked", asked));
}

class Rows {
  constructor(root) {
    this.root = root;
    this.waiting = [];
    this.sent = null; // `done` as it was when something was asked that is not answered yet
    this.list = make("ol", "");
    this.told = make("div", "told");
    this.told.setAttribute("aria-live", "polite");
    root.append(this.list, this.told);
    root.addEventListener("keydown", (event) => this.undo(event));
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    if (this.sent !== null && data.done !== this.sent) this.sent = null;
    this.ask();
    if (this.sent !== null || this.drag) return;
    this.rows = data.rows;
    this.draw();
  }

  ask() {
    if (this.sent !== null || !this.waiting.length) return;
    this.sent = this.data.done;
    this.send(this.waiting.shift());
  }

  // Move the row `from` to the place `to`, from 0 in what is shown; beyond it, the row leaves for where it is not shown.
  move(from, to, focus) {
    const { first, n, words } = this.data;
    const place = first + to;
    if (to === from || place < 0 || place >= n) return;
    const [row] = this.rows.splice(from, 1);
    this.rows.splice(Math.max(to, 0), 0, row);
    this.change({ song: row.id, from: first + from, to: place });
    this.tell(words.moved, row, place + 1);
    this.draw();
    if (focus) this.list.children[Math.min(Math.max(to, 0), this.rows.length - 1)]?.querySelector(focus).focus();
  }

  remove(from) {
    const [row] = this.rows.splice(from, 1);
    this.change({ song: row.id, from: this.data.first + from });
    this.tell(this.data.words.removed, row);
    this.draw();
    this.list.children[Math.min(from, this.rows.length - 1)]?.querySelector(".remove").focus();
  }

  change(asked) {
    this.waiting.push(asked);
    this.ask();
  }

  // Ctrl+Z, or Cmd+Z, on anything in the list: asked in turn, so that it takes back what was done last.
  undo(event) {
    const alone = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!alone || event.key.toLowerCase() !== "z" || this.drag) return;
    event.preventDefault();
    this.change({ undo: true });
  }

  tell(sentence, row, place) {
    this.told.textContent = filled(sentence, { song: named(row), place, n: this.data.n });
  }

  draw() {
    const focus = this.root.activeElement;
    const at = [...this.list.children].indexOf(focus?.closest("li"));
    this.list.setAttribute("aria-label", this.data.words.list);
    this.list.replaceChildren(...this.rows.map((row, i) => this.row(row, i)));
    if (at >= 0) this.list.children[Math.min(at, this.rows.length - 1)]?.querySelector(`.${focus.className}`)?.focus();
  }

  row(row, i) {
    const { first, n, words } = this.data;
    const item = make("li", "");
    const song = make("div", "song");
    song.append(make("span", "place", `${first + i + 1}.`), make("strong", "", row.title), ` · ${row.artist}`);
    if (row.remark) song.append(make("small", "", row.remark));
    const acts = make("div", "acts");
    acts.append(
      this.button("up", "↑", words.up, row, first + i === 0, () => this.move(i, i - 1)),
      this.button("down", "↓", words.down, row, first + i === n - 1, () => this.move(i, i + 1)),
      this.button("remove", "✕", words.remove, row, false, () => this.remove(i)),
    );
    acts.querySelectorAll(".up, .down").forEach((button) => (button.tabIndex = -1)); // the handle does it by keys
    const handle = this.button("handle", "⠿", words.move, row, false, () => {});
    handle.onkeydown = (event) => this.key(event, i);
    handle.onpointerdown = (event) => this.grab(event, item, i);
    item.append(handle, song, acts);
    return item;
  }

  button(kind, sign, label, row, disabled, act) {
    const button = make("button", kind, sign);
    button.type = "button";
    button.title = filled(label, { song: named(row) });
    button.setAttribute("aria-label", button.title);
    button.disabled = disabled;
    button.onclick = act;
    return button;
  }

  key(event, i) {
    const { first, n } = this.data;
    const to = { ArrowUp: i - 1, ArrowDown: i + 1, Home: -first, End: n - 1 - first }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.move(i, to, ".handle");
  }

  // The row follows the pointer, among the rows that are shown; Escape, or a call coming in, puts it back.
  grab(event, item, from) {
    if (event.button) return;
    const handle = event.currentTarget;
    this.drag = true;
    handle.setPointerCapture(event.pointerId);
    item.classList.add("dragged");
    handle.onpointermove = ({ clientY }) => {
      const rows = [...this.list.children];
      const at = rows.indexOf(item);
      const over = rows.findIndex((row) => clientY < row.getBoundingClientRect().bottom);
      const goal = over < 0 ? rows.length - 1 : over;
      if (goal === at) return;
      // The others move around it: an element that is moved itself loses the pointer.
      if (goal > at) item.before(...rows.slice(at + 1, goal + 1));
      else item.after(...rows.slice(goal, at));
      item.scrollIntoView({ block: "nearest" });
    };
    const drop = (to) => {
      handle.onpointermove = handle.onpointerup = handle.onpointercancel = null;
      handle.onkeydown = (key) => this.key(key, from);
      this.drag = false;
      if (to === from) this.draw();
      else this.move(from, to, ".handle");
    };
    handle.onpointerup = () => drop([...this.list.children].indexOf(item));
    handle.onpointercancel = () => drop(from);
    handle.onkeydown = (key) => key.key === "Escape" && drop(from);
    handle.focus();
  }
}

function make(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

function named(row) {
  return `${row.title} · ${row.artist}`;
}

function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
