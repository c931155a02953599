-- What take.lua and settle.lua share: logs of what was used in the last minute. It is sent in front of either.
--
-- A log is a list of "leaves units sum", the oldest first: when the entry leaves the window, what it counts, and
-- the sum of all units so far. So what a window holds is told by its first and last entry, however long it is.
-- No %.14g: what Lua makes of a number by itself has too few digits for a time.

local MINUTE = 60

-- Now in seconds, as it was given, or by this server's clock.
local function clock(given)
    if given ~= '' then
        return tonumber(given)
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

-- Reads both ends of a window; answers the time by its log, which is now or a little later.
-- The server's clock may be set back. For less than a minute the log's time stands still; more, and it is void.
local function open(window, now)
    window.last = entry(window, -1)
    if window.last and window.last.leaves > now + 2 * MINUTE then
        redis.call('DEL', window.key)
        window.last = nil
    end
    window.first = window.last and entry(window, 0)
    return window.last and math.max(now, window.last.leaves - MINUTE) or now
end

local function forget(window, now)
    while window.first and window.first.leaves <= now do
        redis.call('LPOP', window.key)
        window.first = entry(window, 0)
    end
end

local function total(window)
    return window.first and window.last.sum - window.first.sum + window.first.units or 0
end

-- While the newer entries fill the quota by themselves, the oldest decides nothing: it leaves before they do.
local function add(window, now, units)
    if units == 0 then
        return
    end
    local new = { leaves = now + MINUTE, units = units, sum = (window.last and window.last.sum or 0) + units }
    redis.call('RPUSH', window.key, string.format('%.17g %.0f %.0f', new.leaves, units, new.sum))
    window.first, window.last = window.first or new, new
    while new.sum - window.first.sum >= window.most do
        redis.call('LPOP', window.key)
        window.first = entry(window, 0)
    end
    redis.call('PEXPIRE', window.key, (MINUTE + 1) * 1000)
end
