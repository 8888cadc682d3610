// Two independent implementations of the platform's encryption, asked over stdin and stdout:
// one JSON request a line in ({peer, verb, token, key, id, ...}), one JSON answer a line out.
"use strict";

const wecom = require("@wecom/crypto");
const WXBizMsgCrypt = require("wechat-crypto");

const PEERS = {
  "@wecom/crypto": {
    encrypt: ({ key, message, id }) => wecom.encrypt(key, message, id),
    decrypt: ({ key, sealed }) => wecom.decrypt(key, sealed),
    sign: ({ token, timestamp, nonce, sealed }) =>
      wecom.getSignature(token, timestamp, nonce, sealed),
  },
  "wechat-crypto": {
    encrypt: ({ token, key, message, id }) => new WXBizMsgCrypt(token, key, id).encrypt(message),
    decrypt: ({ token, key, sealed, id }) => new WXBizMsgCrypt(token, key, id).decrypt(sealed),
    sign: ({ token, key, id, timestamp, nonce, sealed }) =>
      new WXBizMsgCrypt(token, key, id).getSignature(timestamp, nonce, sealed),
  },
};

require("readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    const request = JSON.parse(line);
    const answer = PEERS[request.peer][request.verb](request);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  });
