// A search box that says what is typed once the typist pauses. The box belongs to the typist: what the server says of
// the text counts only where the server emptied it, which `data.emptied` counts, and never where it answers late.

const PAUSE = 200; // milliseconds

export default function ({ data, parentElement, setStateValue }) {
  const input = parentElement.querySelector("input") ?? built(parentElement, data);
  const say = () => {
    clearTimeout(input.waiting);
    if (input.value === input.said) return;
    input.said = input.value;
    setStateValue("text", input.value);
  };
  if (input.emptied !== data.emptied) {
    // the browser keeps what was said last, and would say it again
    if (input.emptied !== undefined) setStateValue("text", data.text);
    input.emptied = data.emptied;
    input.said = input.value = data.text;
  }
  input.oninput = (event) => {
    clearTimeout(input.waiting);
    if (!event.isComposing) input.waiting = setTimeout(say, PAUSE);
  };
  input.oncompositionend = input.oninput;
  input.onkeydown = (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") input.value = "";
    if (event.key === "Escape" || event.key === "Enter") {
      event.preventDefault();
      say();
    }
  };
  return () => clearTimeout(input.waiting);
}

function built(parentElement, data) {
  const search = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  search.setAttribute("role", "search");
  label.textContent = data.label;
  label.htmlFor = input.id = "text"; // of this component alone: it has a document of its own
  Object.assign(input, { type: "search", placeholder: data.placeholder, autocomplete: "off", spellcheck: false });
  search.append(label, input);
  search.setAttribute("aria-label", data.label);
  parentElement.append(search);
  return input;
}
