/* Language and theme: the reader's choice, kept in cookies that the server reads for the next page. */

import { put, text } from "./page.js";

const YEAR_S = 31536000;
const THEMES = ["auto", "light", "dark"];

function keep(name, value) {
  document.cookie = `acd_${name}=${value}; path=/; max-age=${YEAR_S}; SameSite=Strict`;
}

const language = document.getElementById("language");
language.addEventListener("click", () => {
  keep("lang", language.value);
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  location.replace(address);
});

const theme = document.getElementById("theme");
function showTheme(chosen) {
  document.documentElement.dataset.theme = chosen;
  theme.value = chosen;
  put(document.getElementById("theme-word"), text(`theme_${chosen}`));
}
showTheme(theme.value);
theme.addEventListener("click", () => {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length];
  keep("theme", next);
  showTheme(next);
});
