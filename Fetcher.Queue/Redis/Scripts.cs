namespace Fetcher.Queue.Redis;

/// <summary>
/// What is done on the engine in one step. KEYS[1] is the job's key, which all its others begin with; ARGV[1] is added to the engine's clock in milliseconds, 0
/// but for tests.
/// </summary>
/// <remarks>
/// Each may run twice for one call, when the answer to the first was lost. Scripts of work say allow-oom: what they take in they give back, a batch for its
/// results, and a full engine must not end the work that would empty it. Commands and flags are those of Redis 7.0.
/// </remarks>
internal static class Scripts
{
    /// <summary>A job that is gone.</summary>
    public const string Gone = "GONE";

    private const string AlsoWhenFull = """
        #!lua flags=allow-oom

        """;

    private const string NotWhenFull = """
        #!lua

        """;

    private const string Work = AlsoWhenFull + Job;

    private const string Job = """
        local k = KEYS[1]
        if redis.call('EXISTS', k) == 0 then return redis.error_reply('GONE no such job') end
        local function owner(p)
          local value = redis.call('HGET', k .. ':own', p)
          if not value then return nil end
          local worker, epoch, deadline = string.match(value, '^(.*)|(%d+)|(%d+)$')
          return worker, epoch, tonumber(deadline)
        end
        local function owns(worker, p, epoch)
          local value, mine = redis.call('HGET', k .. ':own', p), worker .. '|' .. epoch .. '|'
          return value and string.sub(value, 1, #mine) == mine
        end

        """;

    /// <summary>What more is needed where the time counts.</summary>
    private const string Clock = """
        local t = redis.call('TIME')
        local micros = t[1] * 1000000 + t[2] + tonumber(ARGV[1]) * 1000
        local now = math.floor(micros / 1000)
        local function counts()
          local sum = 0
          for _, n in ipairs(redis.call('HVALS', k .. ':left')) do sum = sum + n end
          local job = redis.call('HMGET', k, 'sealed', 'total', 'done', 'began', 'ok', 'bytes', 'collected')
          return {job[1] or '0', job[2] or '0', job[3] or '0', string.format('%d', sum), job[4] or '0', string.format('%.0f', micros), job[5] or '0', job[6] or '0', job[7] or '0'}
        end
        local function free(worker, from)
          for i = from, #ARGV, 2 do
            if owns(worker, ARGV[i], ARGV[i + 1]) then
              redis.call('HDEL', k .. ':own', ARGV[i])
              local all = redis.call('HGETALL', k .. ':held')
              for j = 1, #all, 2 do
                local takeovers = string.match(all[j + 1], '^(%d+)')
                if string.find(all[j], ARGV[i] .. ':', 1, true) == 1 then
                  if takeovers == '0' then redis.call('HDEL', k .. ':held', all[j])
                  else redis.call('HSET', k .. ':held', all[j], takeovers .. '||0') end
                end
              end
            end
          end
        end

        """;

    /// <summary>ARGV: clock, created facts as names and values. Gives whether it was made.</summary>
    public const string Create = """
        #!lua
        local t = redis.call('TIME')
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
        redis.call('HSET', KEYS[1], 'total', 0, 'done', 0, 'ok', 0, 'bytes', 0, 'created', string.format('%.0f', t[1] * 1000000 + t[2] + tonumber(ARGV[1]) * 1000))
        for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
        return 1
        """;

    /// <summary>ARGV: clock, partition, first, last, count, batch. Gives the last index before.</summary>
    public const string Add = """
        #!lua
        local k, p, first = KEYS[1], ARGV[2], tonumber(ARGV[3])
        if redis.call('EXISTS', k) == 0 then return redis.error_reply('GONE no such job') end
        local last = tonumber(redis.call('HGET', k .. ':last', p) or '-1')
        if last >= first or redis.call('HGET', k, 'sealed') == '1' then return last end
        redis.call('XADD', k .. ':q:' .. p, string.format('%.0f-0', first + 1), 'b', ARGV[6])
        redis.call('HSET', k .. ':last', p, ARGV[4])
        redis.call('HINCRBY', k .. ':left', p, ARGV[5])
        redis.call('HINCRBY', k, 'total', ARGV[5])
        return last
        """;

    /// <summary>ARGV: clock, total. Gives the total that there is.</summary>
    public const string Seal = Work + Clock + """
        local total = redis.call('HGET', k, 'total')
        if total == ARGV[2] then redis.call('HSET', k, 'sealed', '1') end
        return total
        """;

    /// <summary>ARGV: clock, worker, facts, lease, then partition and epoch of each lease. Gives gained, lost, share and mine, counts.</summary>
    public const string Beat = Work + Clock + """
        local worker, untilThen = ARGV[2], string.format('%.0f', now + ARGV[4])
        redis.call('HSETNX', k, 'began', string.format('%.0f', micros))
        redis.call('HSET', k .. ':workers', worker, untilThen .. '|' .. ARGV[3])
        local known, lost = {}, {}
        for i = 5, #ARGV, 2 do
          if owns(worker, ARGV[i], ARGV[i + 1]) then
            redis.call('HSET', k .. ':own', ARGV[i], worker .. '|' .. ARGV[i + 1] .. '|' .. untilThen)
            known[ARGV[i]] = true
          else
            lost[#lost + 1] = ARGV[i]
            lost[#lost + 1] = ARGV[i + 1]
          end
        end
        local alive, active, mine, open = 0, 0, 0, {}
        for _, value in ipairs(redis.call('HVALS', k .. ':workers')) do
          if tonumber(string.match(value, '^(%d+)|')) > now then alive = alive + 1 end
        end
        local left = redis.call('HGETALL', k .. ':left')
        for i = 1, #left, 2 do
          local p = left[i]
          local w, _, deadline = owner(p)
          if w == worker and not known[p] then
            redis.call('HDEL', k .. ':own', p)
            w = nil
          end
          if tonumber(left[i + 1]) > 0 then
            active = active + 1
            if w == worker then mine = mine + 1
            elseif not w or deadline <= now then open[#open + 1] = {tonumber(p), w and 1 or 0} end
          end
        end
        local share = math.ceil(active / alive)
        table.sort(open, function(a, b) return a[1] < b[1] end)
        local gained, taken = {}, {}
        for _, found in ipairs(open) do
          if mine + #gained / 3 >= share then break end
          local p = string.format('%d', found[1])
          local epoch = string.format('%d', redis.call('HINCRBY', k .. ':epoch', p, 1))
          redis.call('HSET', k .. ':own', p, worker .. '|' .. epoch .. '|' .. untilThen)
          for _, value in ipairs({p, epoch, string.format('%d', found[2])}) do gained[#gained + 1] = value end
          if found[2] == 1 then taken[p] = true end
        end
        if next(taken) then
          local held = redis.call('HGETALL', k .. ':held')
          for i = 1, #held, 2 do
            local takeovers, mark, inHand = string.match(held[i + 1], '^(%d+)|(%d*)|(%d)$')
            if taken[string.match(held[i], '^(%d+):')] and inHand == '1' then
              redis.call('HSET', k .. ':held', held[i], string.format('%d|%s|1', takeovers + 1, mark))
            end
          end
        end
        return {gained, lost, {string.format('%d', share), string.format('%d', mine), string.format('%d', alive)}, counts()}
        """;

    /// <summary>
    /// ARGV: clock, worker, most, bound of unread batches besides the job's, most of each, doubt, then partition, epoch and stream id of each. Gives 'full' or, for each batch,
    /// partition, epoch, id, held, part, batch. An engine without memory refuses it.
    /// </summary>
    public const string Take = NotWhenFull + Job + TakeBatches;

    /// <summary>The same for an engine without memory: what becomes results and is collected gives memory back.</summary>
    public const string TakeWhenFull = Work + TakeBatches;

    private const string TakeBatches = """
        if redis.call('XLEN', k .. ':results') >= math.min(tonumber(ARGV[4]), redis.call('HGET', k, 'unread')) then return 'full' end
        local taken, most, doubt = {}, tonumber(ARGV[3]), tonumber(ARGV[6])
        for i = 7, #ARGV, 3 do
          local count, p = math.min(tonumber(ARGV[5]), most - #taken / 6), ARGV[i]
          if count <= 0 then break end
          if owns(ARGV[2], p, ARGV[i + 1]) then
            for _, entry in ipairs(redis.call('XRANGE', k .. ':q:' .. p, '(' .. ARGV[i + 2], '+', 'COUNT', count)) do
              local id = string.match(entry[1], '^(%d+)-')
              local batch = p .. ':' .. id
              local held = redis.call('HGET', k .. ':held', batch) or '0||0'
              if held ~= '0||0' then
                local takeovers = tonumber(string.match(held, '^(%d+)'))
                if takeovers > 0 then doubt = doubt - (takeovers == 1 and 1 or 4) end
                if takeovers > 0 and doubt < 0 then break end
              end
              redis.call('HSET', k .. ':held', batch, string.sub(held, 1, -2) .. '1')
              for _, value in ipairs({p, ARGV[i + 1], id, held, redis.call('HGET', k .. ':part', batch) or '', entry[2][2]}) do taken[#taken + 1] = value end
            end
          end
        end
        return taken
        """;

    /// <summary>ARGV: clock, worker, partition, epoch, stream id, URL. Gives whether the lease holds.</summary>
    public const string Mark = Work + """
        if not owns(ARGV[2], ARGV[3], ARGV[4]) then return 0 end
        local batch = ARGV[3] .. ':' .. ARGV[5]
        local held = redis.call('HGET', k .. ':held', batch)
        if held then redis.call('HSET', k .. ':held', batch, string.match(held, '^(%d+)') .. '|' .. ARGV[6] .. '|1') end
        return 1
        """;

    /// <summary>ARGV: clock, worker, partition, epoch, stream id, done, count, ok, bytes, results. Gives 0 refused, 1 committed, 2 already.</summary>
    public const string Commit = Work + """
        local p, id, done = ARGV[3], ARGV[5], ARGV[6]
        if not owns(ARGV[2], p, ARGV[4]) then return 0 end
        local batch = p .. ':' .. id
        local ends = done == ''
        if not ends then
          if #redis.call('XRANGE', k .. ':q:' .. p, id .. '-0', id .. '-0') == 0 then return 2 end
          local part = redis.call('HGET', k .. ':part', batch) or string.rep('0', #done)
          local merged = {}
          for i = 1, #done do
            local new, old = string.sub(done, i, i), string.sub(part, i, i)
            if new == '1' and old == '1' then return 2 end
            merged[i] = (new == '1' or old == '1') and '1' or '0'
          end
          local all = table.concat(merged)
          ends = not string.find(all, '0', 1, true)
          redis.call('HSET', k .. ':part', batch, all)
          local held = redis.call('HGET', k .. ':held', batch)
          if held then
            local takeovers, _, inHand = string.match(held, '^(%d+)|(%d*)|(%d)$')
            redis.call('HSET', k .. ':held', batch, takeovers .. '||' .. inHand)
          end
        end
        if ends then
          if redis.call('XDEL', k .. ':q:' .. p, id .. '-0') == 0 then return 2 end
          redis.call('HDEL', k .. ':held', batch)
          redis.call('HDEL', k .. ':part', batch)
        end
        redis.call('XADD', k .. ':results', '*', 'b', ARGV[10])
        redis.call('HINCRBY', k .. ':left', p, '-' .. ARGV[7])
        redis.call('HINCRBY', k, 'done', ARGV[7])
        redis.call('HINCRBY', k, 'ok', ARGV[8])
        redis.call('HINCRBY', k, 'bytes', ARGV[9])
        return 1
        """;

    /// <summary>ARGV: clock, worker, then partition and epoch of each.</summary>
    public const string GiveUp = Work + Clock + """
        free(ARGV[2], 3)
        return 1
        """;

    /// <summary>ARGV: clock, worker, facts, then partition and epoch of each.</summary>
    public const string Leave = Work + Clock + """
        redis.call('HSET', k .. ':workers', ARGV[2], string.format('%.0f', now) .. '|' .. ARGV[3])
        free(ARGV[2], 4)
        return 1
        """;

    /// <summary>ARGV: clock. Gives name, milliseconds left, facts and partitions of each.</summary>
    public const string Workers = Work + Clock + """
        local owned, result = {}, {}
        for _, value in ipairs(redis.call('HVALS', k .. ':own')) do
          local worker, deadline = string.match(value, '^(.*)|%d+|(%d+)$')
          if tonumber(deadline) > now then owned[worker] = (owned[worker] or 0) + 1 end
        end
        local all = redis.call('HGETALL', k .. ':workers')
        for i = 1, #all, 2 do
          local deadline, facts = string.match(all[i + 1], '^(%d+)|(.*)$')
          for _, value in ipairs({all[i], string.format('%.0f', deadline - now), facts, string.format('%d', owned[all[i]] or 0)}) do result[#result + 1] = value end
        end
        return result
        """;

    /// <summary>ARGV: clock, collector, position, most, hold in milliseconds. Gives 'busy', or counts and the entries.</summary>
    public const string Results = Work + Clock + """
        local name, deadline = string.match(redis.call('HGET', k, 'collector') or '|0', '^(.*)|(%d+)$')
        if name ~= ARGV[2] and tonumber(deadline) > now then return 'busy' end
        redis.call('HSET', k, 'collector', ARGV[2] .. '|' .. string.format('%.0f', now + ARGV[5]))
        return {counts(), redis.call('XRANGE', k .. ':results', ARGV[3], '+', 'COUNT', ARGV[4])}
        """;

    /// <summary>ARGV: clock, the first position to keep, results collected.</summary>
    public const string Trim = Work + Clock + """
        redis.call('XTRIM', k .. ':results', 'MINID', ARGV[2])
        if tonumber(redis.call('HGET', k, 'collected') or '0') < tonumber(ARGV[3]) then redis.call('HSET', k, 'collected', ARGV[3]) end
        return 1
        """;

    /// <summary>ARGV: clock, collector.</summary>
    public const string EndCollect = Work + Clock + """
        local name = string.match(redis.call('HGET', k, 'collector') or '', '^(.*)|%d+$')
        if name == ARGV[2] then redis.call('HDEL', k, 'collector') end
        return 1
        """;

    /// <summary>ARGV: clock, count, interval in microseconds, microseconds since the caller's last start, and within how many to take any. Gives the microseconds until the first place.</summary>
    public const string Rate = Work + Clock + """
        local first = math.max(tonumber(redis.call('GET', k .. ':rate') or '0'), micros, micros - ARGV[4] + ARGV[3])
        if first - micros <= tonumber(ARGV[5]) then redis.call('SET', k .. ':rate', string.format('%.0f', first + ARGV[2] * ARGV[3])) end
        return string.format('%.0f', first - micros)
        """;

    /// <summary>ARGV: clock. Gives the job's hash, counts, and how many batches are held.</summary>
    public const string Read = Work + Clock + """
        local held = 0
        for _, value in ipairs(redis.call('HVALS', k .. ':held')) do
          if string.sub(value, -1) == '1' then held = held + 1 end
        end
        return {redis.call('HGETALL', k), counts(), string.format('%d', held)}
        """;
}
