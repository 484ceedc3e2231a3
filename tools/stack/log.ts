import pc from 'picocolors';

const width = 'simulator'.length;
const colours = [pc.cyan, pc.magenta, pc.green, pc.yellow];

/** Writes lines of several processes to one place, each behind the name of its process. */
export function createPrefixLog(
  write: (text: string) => void,
): (process: string, line: string) => void {
  const known = new Map<string, string>();
  return (process, line) => {
    let prefix = known.get(process);
    if (prefix === undefined) {
      const colour = colours[known.size % colours.length] ?? String;
      prefix = colour(`${process.padEnd(width)} |`);
      known.set(process, prefix);
    }
    write(`${prefix} ${line}\n`);
  };
}
