// A certified OpenID provider with the accounts and the client of the tests: node serve.mjs '{"port": …, "clients": […]}'.
import Provider from 'oidc-provider';
import { generateKeyPairSync } from 'node:crypto';

const { port, clients, accounts } = JSON.parse(process.argv[2]);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), kid: `k${Date.now()}`, use: 'sig', alg: 'RS256' };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks: { keys: [key] },
  cookies: { keys: ['of the tests'] },
  claims: { openid: ['sub', 'sid'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  // By itself it visits no address of this machine, where the service of the tests is.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, ...accounts[id] }) }),
});
provider.on('server_error', (ctx, error) => console.error(error));
provider.on('backchannel.error', (ctx, error) => console.error('backchannel', error));
provider.listen(port, '127.0.0.1', () => console.log('ready'));
