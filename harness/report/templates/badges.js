"use strict";
// A button that copies beside each text; without this script, or where copying is not allowed, the text is there to be selected.
for (const text of document.querySelectorAll(".copied pre")) {
  const button = document.createElement("button");
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${text.getAttribute("aria-label")}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      button.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => (button.textContent = "Copy"), 3000);
  });
  text.after(button);
}
