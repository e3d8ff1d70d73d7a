// Where requests go.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { path, search } from '../../lib/core/request.ts';

test('path encodes each member as one segment', () => {
  assert.is(path({ first: 'x/y', second: 'z ?#%' })('/a/{first}/b/{second}'), '/a/x%2Fy/b/z%20%3F%23%25');
  assert.is(path(undefined)('/plain'), '/plain');
  assert.is(path({ id: '$& $1 {id}' })('/a/{id}'), '/a/%24%26%20%241%20%7Bid%7D');
});

test('a member cannot leave its segment', () => {
  const { pathname } = new URL(`https://host.example/base${path({ id: '../../x' })('/a/{id}/b')}`);
  assert.is(pathname, '/base/a/..%2F..%2Fx/b');
});

for (const bad of [undefined, null, '', '.', '..', ' a', 'a ', 'ü', 'a\n', 'a\0', 5, {}, ['a'], 'x'.repeat(256)]) {
  test(`${JSON.stringify(bad)?.slice(0, 20)} is no segment`, () => {
    assert.throws(
      () => path({ connectionId: bad })('/a/{connectionId}'),
      (error: unknown) => error instanceof TypeError && error.message.includes('connectionId'),
    );
  });
}

test('an input that is missing is refused by the name of the member', () => {
  assert.throws(
    () => path(undefined)('/a/{provider}'),
    (error: unknown) => error instanceof TypeError && /provider/.test(error.message),
  );
});

test('search drops what is undefined and repeats arrays', () => {
  assert.is(search({ a: 1, b: undefined, c: ['x', 'y,z'], d: false, e: '' }), '?a=1&c=x&c=y%2Cz&d=false&e=');
  assert.is(search({ 'tags[k]': 'v &=+ü' }), '?tags%5Bk%5D=v+%26%3D%2B%C3%BC');
  assert.is(search({ a: undefined }), '');
  assert.is(search({ a: [] }), '');
  assert.is(search({}), '');
});

test.run();
