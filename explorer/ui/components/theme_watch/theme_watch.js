const told = new WeakMap(); // what each instance said last: a server that does not follow is not asked for ever

// Called at first, with new data, and with every change of theme.
export default function ({ data, parentElement, setStateValue }) {
  const dark = getComputedStyle(parentElement.host ?? parentElement).colorScheme.includes("dark");
  if (dark !== data.dark && told.get(parentElement) !== dark) setStateValue("dark", dark);
  told.set(parentElement, dark);
}
