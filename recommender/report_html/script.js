// Tables of the class "sort" are sorted by the buttons made here of their headings; a second press turns the order round.
for (const table of document.querySelectorAll("table.sort")) {
  const [body] = table.tBodies;
  const [head] = table.tHead.rows;
  for (const th of head.cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...th.childNodes);
    th.append(button);
    button.addEventListener("click", () => {
      const first = th.classList.contains("n") ? "descending" : "ascending";
      const other = { ascending: "descending", descending: "ascending" }[first];
      const order = th.ariaSort === first ? other : first;
      const sign = order === "ascending" ? 1 : -1;
      for (const each of head.cells) each.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", order);
      body.append(...[...body.rows].sort((a, b) => compare(a.cells[th.cellIndex], b.cells[th.cellIndex], sign)));
    });
  }
}

// Numbers by what they are, other text by the alphabet; a number that is missing comes last either way.
function compare(a, b, sign) {
  const [x, y] = [a.dataset.v, b.dataset.v];
  if (x === undefined && y === undefined) return sign * a.textContent.localeCompare(b.textContent);
  if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
  return sign * (x - y);
}

// What is wider than the screen can be scrolled by keyboard.
const wide = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    const scrolls = target.scrollWidth > target.clientWidth;
    if (!scrolls) for (const name of ["tabindex", "role", "aria-label"]) target.removeAttribute(name);
    else {
      target.tabIndex = 0;
      target.setAttribute("role", "region");
      target.setAttribute("aria-label", target.querySelector("caption").textContent);
    }
  }
});
for (const each of document.querySelectorAll(".wide")) wide.observe(each);

// Paper unfolds what is worth its place, and leaves the rest away.
const folded = [];
addEventListener("beforeprint", () => {
  folded.push(...document.querySelectorAll("details.print:not([open])"));
  for (const each of folded) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of folded.splice(0)) each.open = false;
});
