// A button that copies the page's address. Where the browser does not let it, the address is shown, marked to be copied.
export default function ({ data, parentElement }) {
  if (parentElement.querySelector("button")) return;
  const button = document.createElement("button");
  const told = document.createElement("span");
  const address = document.createElement("input");
  button.type = "button";
  button.textContent = data.label;
  told.setAttribute("role", "status");
  Object.assign(address, { readOnly: true, hidden: true });
  address.setAttribute("aria-label", data.address);
  button.onclick = async () => {
    address.hidden = true;
    told.textContent = "";
    try {
      await navigator.clipboard.writeText(window.location.href);
      told.textContent = data.copied;
    } catch {
      told.textContent = data.refused;
      address.value = window.location.href;
      address.hidden = false;
      address.select();
    }
  };
  parentElement.append(button, told, address);
}
