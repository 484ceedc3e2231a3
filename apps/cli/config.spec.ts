import { describe, expect, it } from 'vitest';
import { parseEnvironment } from './config.ts';

describe('the environment', () => {
  it('says where files lie when it names no folders', () => {
    expect(parseEnvironment({ HOME: '/home/ada' })).toEqual({
      configFolder: '/home/ada/.config/keyturn',
      stateFolder: '/home/ada/.local/state/keyturn',
    });
  });

  it('may name the folders by XDG', () => {
    const named = { HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' };
    expect(parseEnvironment(named)).toEqual({
      configFolder: '/c/keyturn',
      stateFolder: '/s/keyturn',
    });
  });

  it('takes an empty variable for an absent one', () => {
    const read = parseEnvironment({ KEYTURN_API: '', KEYTURN_AS: 'approver' });
    expect(read).toMatchObject({ as: 'approver' });
    expect(read).not.toHaveProperty('api');
  });
});
