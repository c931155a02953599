-- Grants or refuses one weight as memory.py does, in one step that no other client interrupts. It follows log.lua.
--
-- KEYS  the logs of requests, of searches, of costs, the hash of what is in flight; all of one token
-- ARGV  now in seconds (empty: this server's clock), the lease's id, seconds that a lease lives unrenewed,
--       the weight "reads writes searches jobs", the most "per_minute searches reads writes jobs cost" (no cost: 0),
--       the sums of its first actions, each as a weight, separated by commas, if they are to be told of
-- Answers an empty list, or the limit that refused, the seconds to wait, the place of the first action that was too
-- much, and for each sum the seconds (-1: it never passes) and the limit.

local NEVER = math.huge
local IN_FLIGHT = { 'reads', 'writes', 'jobs' }
local lease, lives = ARGV[2], tonumber(ARGV[3])
local held = KEYS[4]
local most = {}
most.per_minute, most.searches, most.reads, most.writes, most.jobs, most.cost =
    string.match(ARGV[5], '(%d+) (%d+) (%d+) (%d+) (%d+) (%d+)')
for name, number in pairs(most) do
    most[name] = tonumber(number)
end

-- What is asked of each limit. Of the quota of costs it is enough that something is left.
local function weight(text)
    local reads, writes, searches, jobs = string.match(text, '(%d+) (%d+) (%d+) (%d+)')
    local requests = reads + writes
    return {
        per_minute = requests, searches = tonumber(searches), cost = math.min(requests, 1),
        reads = tonumber(reads), writes = tonumber(writes), jobs = tonumber(jobs),
    }
end

local function fits(window, units)
    return units == 0 or total(window) + units <= window.most
end

-- When the units will fit: when the first entry leaves with which enough is gone, found by halving.
local function opens_at(window, now, units)
    local excess = total(window) + units - window.most
    if units == 0 or excess <= 0 then
        return now
    end
    local enough = window.first.sum - window.first.units + excess
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

-- What is in flight, by limit. What a killed process left behind has run out; an end too far away is of a clock since
-- set back.
local function in_flight(now)
    local sums = { reads = 0, writes = 0, jobs = 0 }
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

local now, asked = clock(ARGV[1]), weight(ARGV[4])
local windows = {}
for index, name in ipairs({ 'per_minute', 'searches', 'cost' }) do
    if asked[name] > 0 and most[name] > 0 then
        table.insert(windows, { name = name, key = KEYS[index], most = most[name] })
    end
end
for _, window in ipairs(windows) do
    now = math.max(now, open(window, now))
end
for _, window in ipairs(windows) do
    forget(window, now)
end

-- The limit that lets a weight through last, and when; the limits that it is too much for.
local function exceeded(units, sums)
    local name, latest, names = nil, now, {}
    local function note(limit, at)
        names[limit] = true
        if not name or at > latest then
            name, latest = limit, at
        end
    end
    for _, window in ipairs(windows) do
        local asks = units[window.name]
        if not fits(window, asks) then
            note(window.name, asks > window.most and NEVER or opens_at(window, now, asks))
        end
    end
    for _, limit in ipairs(IN_FLIGHT) do
        if sums[limit] + units[limit] > most[limit] then
            note(limit, units[limit] > most[limit] and NEVER or now)
        end
    end
    return name, latest, names
end

local actions = {}
for text in string.gmatch(ARGV[6], '[^,]+') do
    table.insert(actions, weight(text))
end

-- By limit, the place of the first action that is too much for it. Only told to those who ask.
local function places(sums)
    local found = {}
    for place, units in ipairs(actions) do
        local _, _, names = exceeded(units, sums)
        for name in pairs(names) do
            found[name] = found[name] or place - 1
        end
    end
    return found
end

local function answer(name, seconds, place, sums)
    local told = { name, seconds, place or 0 }
    for _, units in ipairs(actions) do
        local limit, latest = exceeded(units, sums)
        table.insert(told, not limit and 0 or latest == NEVER and -1 or whole_seconds(now, latest))
        table.insert(told, limit or '')
    end
    return told
end

-- When a counted limit refuses, it and the other one count all the same.
local function refuse(full)
    local sums = #actions > 0 and in_flight(now)
    local found = places(sums)
    if full.per_minute or full.searches then
        for _, window in ipairs(windows) do
            if window.name ~= 'cost' then
                add(window, now, asked[window.name])
            end
        end
    end
    local name, latest, opens = nil, now, now
    for _, window in ipairs(windows) do
        local at = opens_at(window, now, asked[window.name])
        opens = math.max(opens, at)
        if full[window.name] and (not name or at > latest) then
            name, latest = window.name, at
        end
    end
    return answer(name, whole_seconds(now, opens), found[name], sums)
end

local full, refused = {}, false
for _, window in ipairs(windows) do
    if not fits(window, asked[window.name]) then
        full[window.name], refused = true, true
    end
end
if refused then
    return refuse(full)
end
local sums = in_flight(now)
for _, limit in ipairs(IN_FLIGHT) do
    if sums[limit] + asked[limit] > most[limit] then
        return answer(limit, 1, places(sums)[limit], sums)
    end
end
for _, window in ipairs(windows) do
    if window.name ~= 'cost' then
        add(window, now, asked[window.name])
    end
end
if asked.reads + asked.writes + asked.jobs > 0 then
    local text = string.format('%.17g %d %d %d', now + lives, asked.reads, asked.writes, asked.jobs)
    redis.call('HSET', held, lease, text)
    redis.call('PEXPIRE', held, string.format('%d', math.ceil((lives + 1) * 1000)))
end
return {}
