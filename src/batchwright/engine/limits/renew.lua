-- Keeps leases of one token in flight for a while longer; those that Redis has lost are in flight again.
--
-- KEYS  the hash of what is in flight
-- ARGV  now in seconds (empty: this server's clock), seconds that a lease lives, then of each lease: id, "reads writes jobs"

local now, lives = tonumber(ARGV[1]), tonumber(ARGV[2])
if not now then
    local time = redis.call('TIME')
    now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
for index = 3, #ARGV, 2 do
    redis.call('HSET', KEYS[1], ARGV[index], string.format('%.17g %s', now + lives, ARGV[index + 1]))
end
redis.call('PEXPIRE', KEYS[1], string.format('%d', math.ceil((lives + 1) * 1000)))
return redis.status_reply('OK')
