-- Grants or refuses one weight as memory.py does, in one step that no other client interrupts.
--
-- KEYS  the log of requests, the log of searches, the hash of what is in flight; all of one token
-- ARGV  now in seconds (empty: this server's clock), the lease's id, seconds that a lease lives unrenewed,
--       the weight "reads writes searches jobs", the most "per_minute searches reads writes jobs"
-- Answers an empty list, or the limit that refused and the seconds to wait.
--
-- A log is a list of "leaves units sum", the oldest first: when the entry leaves the window, what it counts, and
-- the sum of all units so far. So what a window holds is told by its first and last entry, however long it is.
-- No %.14g: what Lua makes of a number by itself has too few digits for a time.

local MINUTE = 60
local lease, lives = ARGV[2], tonumber(ARGV[3])
local reads, writes, searches, jobs = string.match(ARGV[4], '(%d+) (%d+) (%d+) (%d+)')
local most = {}
most.per_minute, most.searches, most.reads, most.writes, most.jobs =
    string.match(ARGV[5], '(%d+) (%d+) (%d+) (%d+) (%d+)')
reads, writes, searches, jobs = tonumber(reads), tonumber(writes), tonumber(searches), tonumber(jobs)
for name, number in pairs(most) do
    most[name] = tonumber(number)
end
local windows = {
    { name = 'per_minute', key = KEYS[1], units = reads + writes },
    { name = 'searches', key = KEYS[2], units = searches },
}
local held = KEYS[3]

local function clock()
    if ARGV[1] ~= '' then
        return tonumber(ARGV[1])
    end
    local time = redis.call('TIME')
    return tonumber(time[1]) + tonumber(time[2]) / 1000000
end

local function entry(window, index)
    local text = redis.call('LINDEX', window.key, index)
    if text then
        local leaves, units, sum = string.match(text, '(%S+) (%S+) (%S+)')
        return { leaves = tonumber(leaves), units = tonumber(units), sum = tonumber(sum) }
    end
end

-- The server's clock may be set back. For less than a minute the log's time stands still; more, and it is void.
local function not_before(window, now)
    local last = entry(window, -1)
    if not last or last.leaves <= now + MINUTE then
        return now
    elseif last.leaves <= now + 2 * MINUTE then
        return last.leaves - MINUTE
    end
    redis.call('DEL', window.key)
    return now
end

local function total(window)
    local first, last = entry(window, 0), entry(window, -1)
    return first and last.sum - first.sum + first.units or 0
end

local function forget(window, now)
    local first = entry(window, 0)
    while first and first.leaves <= now do
        redis.call('LPOP', window.key)
        first = entry(window, 0)
    end
end

local function fits(window)
    return window.units == 0 or total(window) + window.units <= most[window.name]
end

local function add(window, now)
    if window.units == 0 then
        return
    end
    local last = entry(window, -1)
    local sum = (last and last.sum or 0) + window.units
    redis.call('RPUSH', window.key, string.format('%.17g %d %d', now + MINUTE, window.units, sum))
    while sum - entry(window, 0).sum >= most[window.name] do
        redis.call('LPOP', window.key)
    end
    redis.call('PEXPIRE', window.key, (MINUTE + 1) * 1000)
end

-- When the units will fit: when the first entry leaves with which enough is gone, found by halving.
local function opens_at(window, now)
    local excess = total(window) + window.units - most[window.name]
    if window.units == 0 or excess <= 0 then
        return now
    end
    local first = entry(window, 0)
    local enough = first.sum - first.units + excess
    local low, high = 0, redis.call('LLEN', window.key) - 1
    while low < high do
        local middle = math.floor((low + high) / 2)
        if entry(window, middle).sum >= enough then
            high = middle
        else
            low = middle + 1
        end
    end
    return entry(window, low).leaves
end

local function whole_seconds(now, moment)
    local seconds = math.max(1, math.ceil(moment - now))
    -- The subtraction may round down; adding the result back is what the client's clock will do.
    return now + seconds >= moment and seconds or seconds + 1
end

local function refuse(now)
    local full = {}
    for _, window in ipairs(windows) do
        full[window.name] = not fits(window)
    end
    local name, latest, opens = nil, now, now
    for _, window in ipairs(windows) do
        add(window, now)
        local at = opens_at(window, now)
        opens = math.max(opens, at)
        if full[window.name] and (not name or at > latest) then
            name, latest = window.name, at
        end
    end
    return { name, whole_seconds(now, opens) }
end

-- What is in flight with this weight added, by limit. What a killed process left behind has run out; an end too far
-- away is of a clock since set back.
local function in_flight(now)
    local sums = { reads = reads, writes = writes, jobs = jobs }
    local fields = redis.call('HGETALL', held)
    for index = 1, #fields, 2 do
        local ends, r, w, j = string.match(fields[index + 1], '(%S+) (%S+) (%S+) (%S+)')
        if tonumber(ends) <= now or tonumber(ends) > now + 2 * lives then
            redis.call('HDEL', held, fields[index])
        else
            sums.reads, sums.writes, sums.jobs = sums.reads + r, sums.writes + w, sums.jobs + j
        end
    end
    return sums
end

local now = clock()
for _, window in ipairs(windows) do
    now = math.max(now, not_before(window, now))
end
for _, window in ipairs(windows) do
    forget(window, now)
end
if not (fits(windows[1]) and fits(windows[2])) then
    return refuse(now)
end
local sums = in_flight(now)
for _, name in ipairs({ 'reads', 'writes', 'jobs' }) do
    if sums[name] > most[name] then
        return { name, 1 }
    end
end
for _, window in ipairs(windows) do
    add(window, now)
end
if reads + writes + jobs > 0 then
    redis.call('HSET', held, lease, string.format('%.17g %d %d %d', now + lives, reads, writes, jobs))
    redis.call('PEXPIRE', held, string.format('%d', math.ceil((lives + 1) * 1000)))
end
return {}
