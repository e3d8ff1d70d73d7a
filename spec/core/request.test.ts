// Where requests go.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { search, target } from '../../lib/core/request.ts';

test('a path encodes each member as one segment', () => {
  assert.is(target('/a/{first}/b/{second}', { path: { first: 'x/y', second: 'z ?#%' } }), '/a/x%2Fy/b/z%20%3F%23%25');
  assert.is(target('/plain', {}), '/plain');
  assert.is(target('/a/{id}', { path: { id: '$& $1 {id}' } }), '/a/%24%26%20%241%20%7Bid%7D');
});

test('a member cannot leave its segment', () => {
  const { pathname } = new URL(`https://host.example/base${target('/a/{id}/b', { path: { id: '../../x' } })}`);
  assert.is(pathname, '/base/a/..%2F..%2Fx/b');
});

for (const bad of [undefined, null, '', '.', '..', ' a', 'a ', 'ü', 'a\n', 'a\0', 5, {}, ['a']]) {
  test(`${JSON.stringify(bad)?.slice(0, 20)} is no segment`, () => {
    assert.throws(
      () => target('/a/{connectionId}', { path: { connectionId: bad } }),
      (error: unknown) => error instanceof TypeError && error.message.includes('connectionId'),
    );
  });
}

test('an input that is missing is refused by the name of the member', () => {
  assert.throws(
    () => target('/a/{provider}', {}),
    (error: unknown) => error instanceof TypeError && /provider/.test(error.message),
  );
});

test('search drops what is undefined and repeats arrays', () => {
  assert.is(search({ a: 1, b: undefined, c: ['x', 'y,z'], d: false, e: '' }), '?a=1&c=x&c=y%2Cz&d=false&e=');
  assert.is(search({ 'tags[k]': 'v &=+ü' }), '?tags%5Bk%5D=v+%26%3D%2B%C3%BC');
  assert.is(search({ a: undefined }), '');
  assert.is(search({ a: [] }), '');
  assert.is(search({}), '');
  assert.is(search(undefined), '');
});

test.run();
