import { AzureFault } from '../../azure-fault.ts';

/** Where something stands in the text of a query, counted from 1 and 0 as the service does. */
export interface Position {
  readonly line: number;
  readonly pos: number;
  readonly token: string;
}

/** The service's answer to a query that it cannot read; here also to one that this small KQL does not know. */
export function syntaxError({ line, pos, token }: Position): AzureFault {
  const message = `A recognition error occurred in the query. Query could not be parsed at '${token}' on line [${line},${pos}]`;
  return badQuery('SyntaxError', 'A recognition error occurred in the query.', {
    code: 'SYN0002',
    message,
    line,
    pos,
    token,
  });
}

/** The service's answer to a query whose words are right and whose names or types are not. */
export function semanticError(code: string, message: string): AzureFault {
  return badQuery('SemanticError', 'A semantic error occurred.', { code, message });
}

/** The service's answer to a request around the query that it cannot use. */
export function badArgument(message: string): AzureFault {
  return badQuery('InvalidArgument', message);
}

function badQuery(code: string, message: string, innermost?: object): AzureFault {
  const innererror = { code, message, ...(innermost && { innererror: innermost }) };
  return new AzureFault(
    400,
    { code: 'BadArgumentError', message: 'The request had some invalid properties' },
    { members: { innererror } },
  );
}
