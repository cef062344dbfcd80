using System.IO.Compression;
using System.Reflection;
using System.Reflection.Emit;

namespace Fetcher.Profile;

/// <summary>
/// Writes a profile as the native compiler reads it (MIbcProfileParser.cs of .NET): an assembly, zipped, whose IL is never run. For each method its token,
/// "InstrumentationDataStart", four numbers and the counts for each counter, "InstrumentationDataEnd"; and an index of these pieces by the assemblies that they need.
/// </summary>
internal sealed class ProfileFile
{
    /// <summary>Says that an offset, a kind, a number of values and a flag follow.</summary>
    private const int AllFour = 15;

    private readonly Names _names;
    private readonly PersistedAssemblyBuilder _assembly = new(new AssemblyName("profile"), typeof(object).Assembly);
    private readonly ModuleBuilder _module;
    private readonly ILGenerator _index;

    public ProfileFile(Names names)
    {
        _names = names;
        _module = _assembly.DefineDynamicModule("profile");
        _index = Define("AssemblyDictionary").GetILGenerator();
    }

    /// <summary>Methods so far.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a method.</summary>
    /// <returns>False when it cannot be named.</returns>
    public bool TryAdd(CountedMethod counted)
    {
        if (_names.Find(counted) is not { } method)
        {
            return false;
        }

        var piece = Define($"Method{Count}");
        var il = piece.GetILGenerator();
        il.Emit(OpCodes.Ldtoken, method);
        il.Emit(OpCodes.Ldstr, "InstrumentationDataStart");
        var unknown = new List<string>();
        foreach (var counter in counted.Counters)
        {
            Write(il, counter, unknown);
        }

        il.Emit(OpCodes.Ldstr, "InstrumentationDataEnd");
        il.Emit(OpCodes.Pop);
        il.Emit(OpCodes.Ret);
        _index.Emit(OpCodes.Ldstr, string.Concat(_names.AssembliesOf(method.DeclaringType!).Select(name => name + ";")));
        _index.Emit(OpCodes.Ldtoken, piece);
        _index.Emit(OpCodes.Pop);
        Count++;
        return true;
    }

    /// <summary>Writes the file. Nothing can be added after it.</summary>
    public void Save(string path)
    {
        _index.Emit(OpCodes.Ret);
        _module.CreateGlobalFunctions();
        using var content = new MemoryStream();
        _assembly.Save(content);
        content.Position = 0;
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        var entry = zip.CreateEntry(Path.GetFileName(path) + ".dll", CompressionLevel.SmallestSize);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var stream = entry.Open();
        content.CopyTo(stream);
    }

    private MethodBuilder Define(string name) => _module.DefineGlobalMethod(name, MethodAttributes.Public | MethodAttributes.Static, typeof(void), []);

    private void Write(ILGenerator il, Counter counter, List<string> unknown)
    {
        il.Emit(OpCodes.Ldc_I4, AllFour);
        il.Emit(OpCodes.Ldc_I4, counter.Offset);
        il.Emit(OpCodes.Ldc_I4, counter.Kind);
        il.Emit(OpCodes.Ldc_I4, counter.Counts?.Length ?? counter.Seen?.Count ?? 0);
        il.Emit(OpCodes.Ldc_I4, counter.Other);
        foreach (var count in counter.Counts ?? [])
        {
            il.Emit(OpCodes.Ldc_I4, (int)Math.Min(count, int.MaxValue));
        }

        foreach (var seen in counter.Seen ?? [])
        {
            WriteSeen(il, seen, unknown);
        }
    }

    /// <summary>Writes the type that was met; a number where there was none (0) or one that cannot be named.</summary>
    private void WriteSeen(ILGenerator il, string seen, List<string> unknown)
    {
        const string TypeMark = "TypeHandle: ";
        if (Dump.IsNothing(seen))
        {
            il.Emit(OpCodes.Ldc_I4_0);
        }
        else if (seen.StartsWith(TypeMark, StringComparison.Ordinal) && _names.FindType(seen[TypeMark.Length..]) is { } type)
        {
            il.Emit(OpCodes.Ldtoken, type);
        }
        else
        {
            if (!unknown.Contains(seen))
            {
                unknown.Add(seen);
            }

            il.Emit(OpCodes.Ldc_I4, unknown.IndexOf(seen) + 1);
        }
    }
}
