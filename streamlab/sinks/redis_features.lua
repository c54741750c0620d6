-- Rows of features, each into its three keys, all of them or none. Redis runs a script without anything in between.
--
-- KEYS  of each row: current (hash), latest (text), series (sorted set)
-- ARGV  1 the fields that every row here has, in order: their names as JSON texts, a line each,
--       2 time to live (ms), 3 length of the series, 4 name of the field with the id of the event,
--       5… of each row: event time (ms), id (JSON text), then the value (JSON text) of each field, a line each
-- gives how many rows are the newest now, and how many are older and only the series got them

local ttl, length, id_field = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]

-- What is the same in every row: names stand in `hash` (name, value, …) and in `text` (`{"name":`, value, …, `}`).
local hash, text, fields = {}, {}, 0
for name in ARGV[1]:gmatch('[^\n]+') do
  hash[2 * fields + 1] = cjson.decode('[' .. name .. ']')[1]
  text[2 * fields + 1] = (fields == 0 and '{' or ',') .. name .. ':'
  fields = fields + 1
end
text[2 * fields + 1] = '}'

-- Byte by byte, as sorted sets compare members: Lua's own `<` follows the language settings of the server.
local function compare(one, other)
  for i = 1, math.min(#one, #other) do
    local a, b = one:byte(i), other:byte(i)
    if a ~= b then return a - b end
  end
  return #one - #other
end

-- 2: it is the newest; 1: it is older, and only the series got it; 0: nothing changed
local function write(current, latest, series, row)
  local score, id, values = row:match('^([^\n]+)\n([^\n]+)\n()')
  local time = tonumber(score)

  -- Everything is read before anything is written: a key of another type fails here, with nothing done.
  local known = redis.call('HMGET', current, 'event_time', id_field)
  local count = redis.call('ZCARD', series)
  local newest, order = known[1] and tonumber(known[1]), 1
  if newest then
    order = time - newest
    if order == 0 then order = compare(id, known[2]) end
    if order == 0 or time <= newest - ttl then return 0 end
  end

  local at = 0
  for value in row:sub(values):gmatch('[^\n]+') do
    at = at + 2
    hash[at], text[at] = value, value
  end
  local whole = table.concat(text)
  local member = id .. '\n' .. whole

  if order < 0 then
    if count >= length then
      local oldest = redis.call('ZRANGE', series, 0, 0, 'WITHSCORES')
      local difference = time - tonumber(oldest[2])
      if difference < 0 or difference == 0 and compare(member, oldest[1]) < 0 then return 0 end
    end
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', series, score, score)) do
      if other:sub(1, #id + 1) == id .. '\n' then return 0 end
    end
    redis.call('ZADD', series, score, member)
    if count >= length then redis.call('ZREMRANGEBYRANK', series, 0, count - length) end
    if count == 0 then redis.call('PEXPIRE', series, redis.call('PTTL', current)) end
    return 1
  end

  -- The first write is one that Redis refuses when its memory is full; it refuses none after it.
  redis.call('SET', latest, whole, 'PX', ttl)
  redis.call('DEL', current)
  redis.call('HSET', current, unpack(hash))
  redis.call('PEXPIRE', current, ttl)
  redis.call('ZADD', series, score, member)
  redis.call('ZREMRANGEBYSCORE', series, '-inf', time - ttl)
  if count >= length then redis.call('ZREMRANGEBYRANK', series, 0, -length - 1) end
  redis.call('PEXPIRE', series, ttl)
  return 2
end

-- A row that fails does not keep back those after it; the first failure is the answer.
local counts, failure = { [0] = 0, 0, 0 }, nil
for i = 1, #ARGV - 4 do
  local done, what = pcall(write, KEYS[3 * i - 2], KEYS[3 * i - 1], KEYS[3 * i], ARGV[i + 4])
  if done then
    counts[what] = counts[what] + 1
  else
    failure = failure or what
  end
end
if type(failure) == 'table' then return failure end -- Redis 7
if failure then return { err = failure:match('%-(%u+ .*)') or failure } end -- before: "@user_script: 9: -OOM …"
return { counts[2], counts[1] }
