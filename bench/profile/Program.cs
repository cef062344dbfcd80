using Fetcher.Profile;

// profile OUTPUT FOLDER DUMP...: makes of what instrumented runs of the program in FOLDER have counted (DOTNET_WritePGOData) the profile that the native
// compiler reads (--mibc). Counts of several runs are added. See bench/profile.sh.
if (args.Length < 3)
{
    Console.Error.WriteLine("usage: profile OUTPUT FOLDER DUMP...");
    return 2;
}

var names = new Names(args[1]);
var file = new ProfileFile(names);
var left = 0;
foreach (var method in Dump.Merge(args[2..].Select(Dump.Read)))
{
    if (!file.TryAdd(method))
    {
        left++;
    }
}

file.Save(args[0]);
Console.WriteLine($"{args[0]}: {file.Count} methods, {left} not found");
return 0;
