// Text for people: search without accents, numbers in the reader's convention.
export const fold = (text) =>
  text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/\s+/g, " ").trim();

export const language = document.documentElement.lang === "en" ? "en-GB" : "vi-VN";

export const number = (value, digits = 2) =>
  value == null ? "–" : new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value).replace("-", "−"); // as the server writes it

export const day = (iso) => {
  const [y, m, d] = iso.split("-").map(Number);
  return language === "vi-VN"
    ? `${String(d).padStart(2, "0")}/${String(m).padStart(2, "0")}/${y}`
    : new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(iso));
};
