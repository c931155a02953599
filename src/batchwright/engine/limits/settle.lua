-- Ends a lease, and charges what the reply cost.
--
-- KEYS  the hash of what is in flight, the log of costs; both of one token
-- ARGV  now in seconds (empty: this server's clock), the lease's id, the cost, the most of it

redis.call('HDEL', KEYS[1], ARGV[2])
local costs = { key = KEYS[2], most = tonumber(ARGV[4]) }
local now = open(costs, clock(ARGV[1]))
forget(costs, now)
add(costs, now, tonumber(ARGV[3]))
return redis.status_reply('OK')
