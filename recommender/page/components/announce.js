// A sentence for screen readers. It stays where it is and changes its words, which is what makes them read it out.
export default function ({ data, parentElement }) {
  let told = parentElement.querySelector("[role=status]");
  if (!told) {
    told = document.createElement("div");
    told.setAttribute("role", "status"); // polite
    parentElement.append(told);
  }
  if (told.textContent !== data) told.textContent = data;
}
