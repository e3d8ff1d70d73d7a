// Runs the OpenTelemetry example against the emulator, with a fault to retry, and shows the spans.

import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createClient, getConnection, listConnections } from 'nango-fetch';
import { createEmulator } from 'nango-fetch/testing';
import { check, conclude, expect } from '../../checks.ts';
import { tracedFetch } from './telemetry.ts';

await check(
  'a span of each attempt, with the attributes of the HTTP client conventions',
  async () => {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    const emulator = createEmulator();
    emulator.fail({ operation: 'listConnections', status: 502, times: 1 });
    const fetch = tracedFetch(
      provider.getTracer('example'),
      emulator.host,
      emulator.fetch,
    );
    const client = createClient({
      apiKey: emulator.apiKey,
      host: emulator.host,
      fetch,
    });
    await listConnections(client);
    const missing = await getConnection(client, {
      providerConfigKey: 'none',
      connectionId: 'jane',
    }).then(() => '', String);
    expect(missing !== '', 'there should be no such connection');
    const spans = exporter.getFinishedSpans().map(({ name, attributes }) => ({
      name,
      ...attributes,
    }));
    console.table(spans);
    expect(spans.length === 3, `${spans.length} spans`);
    const [failed, again, unknown] = spans as Record<string, unknown>[];
    expect(
      failed!['http.response.status_code'] === 502 &&
        failed!['error.type'] === '502',
      JSON.stringify(failed),
    );
    expect(
      again!['http.response.status_code'] === 200 &&
        again!['http.request.resend_count'] === 1,
      JSON.stringify(again),
    );
    expect(
      unknown!['url.template'] === '/connections/{connectionId}',
      JSON.stringify(unknown),
    );
    for (const secret of [emulator.apiKey, 'jane']) {
      expect(!JSON.stringify(spans).includes(secret), `${secret} is shown`);
    }
  },
);
conclude();
