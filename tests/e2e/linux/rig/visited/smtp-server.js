// smtp-server as a receiver of mail, on the address and port of the arguments.
const { SMTPServer } = require("smtp-server");

const [ip, port] = process.argv.slice(2);
const server = new SMTPServer({
  name: "mail.provider.test",
  authOptional: true,
  disableReverseLookup: true,
});
server.listen(Number(port), ip);
