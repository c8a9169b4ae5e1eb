"""数据推送: programs outside are told what happens here, signed as standard-webhooks does. What apps tell is declared
(`tidings`); a delivery is written in the transaction of what it tells of, and a courier posts it until it is taken."""
