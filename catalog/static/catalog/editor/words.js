// Sentences in the reader's language; they come with the page (catalog/editor_words.py).
let table = {};

export const learn = (words) => { table = words; };

export const say = (key, values = {}) => table[key].replace(/%\((\w+)\)s/g, (_whole, name) => String(values[name]));

// Millimetres and degrees as people read and type them: at most one decimal, none where it says nothing.
export const short = (value) => String(Math.round(value * 10) / 10);
