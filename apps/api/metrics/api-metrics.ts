import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { CallObserver } from '#libs/temporal/call-observer.ts';

/** From a memo that is at hand to an answer that comes just before its deadline. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * What the API counts. Labels are route templates and names of methods: nothing of a customer's, and few
 * enough to keep.
 */
export class ApiMetrics {
  readonly registry = new Registry();

  readonly #requests = new Counter({
    name: 'keyturn_http_requests_total',
    help: 'Requests answered, by method, route template and status.',
    labelNames: ['method', 'route', 'status'],
    registers: [this.registry],
  });
  readonly #requestSeconds = new Histogram({
    name: 'keyturn_http_request_seconds',
    help: 'From the request to the end of its answer; streams are left out.',
    labelNames: ['method', 'route'],
    buckets: seconds,
    registers: [this.registry],
  });
  readonly #engineCalls = new Counter({
    name: 'keyturn_engine_calls_total',
    help: 'Calls sent to the workflow engine, each try by itself.',
    labelNames: ['method'],
    registers: [this.registry],
  });
  readonly #engineSeconds = new Histogram({
    name: 'keyturn_engine_call_seconds',
    help: 'From a call to the workflow engine to its end; reads of history wait for news.',
    labelNames: ['method', 'code'],
    buckets: [...seconds, 30, 60],
    registers: [this.registry],
  });
  readonly #streams = new Gauge({
    name: 'keyturn_event_streams_open',
    help: 'Streams of events that somebody listens to.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Told of every call to the engine. */
  readonly engine: CallObserver = {
    began: (method) => this.#engineCalls.inc({ method }),
    ended: (method, code, took) => this.#engineSeconds.observe({ method, code }, took),
  };

  /** A request is answered; `route` is the template of its address. */
  answered(request: { method: string; route: string }, status: number, took: number): void {
    const { method, route } = request;
    this.#requests.inc({ method, route, status: String(status) });
    if (!route.endsWith('/events')) this.#requestSeconds.observe({ method, route }, took);
  }

  /** A stream is opened; gives back what closes it. */
  streamOpened(): () => void {
    this.#streams.inc();
    return () => this.#streams.dec();
  }
}
