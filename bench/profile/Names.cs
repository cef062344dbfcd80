using System.Reflection;
using System.Reflection.Emit;

namespace Fetcher.Profile;

/// <summary>Finds types and methods by the names that the runtime writes.</summary>
internal sealed class Names
{
    private const BindingFlags Own = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly List<Assembly> _assemblies = [typeof(object).Assembly];
    private readonly Type _shared;

    /// <param name="folder">Where the program is that was counted.</param>
    public Names(string folder)
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        foreach (var path in Directory.GetFiles(folder, "*.dll").Concat(Directory.GetFiles(framework, "System.*.dll")))
        {
            if (Path.GetFileNameWithoutExtension(path) != _assemblies[0].GetName().Name)
            {
                _assemblies.Add(Assembly.LoadFrom(path));
            }
        }

        _shared = DefineShared();
    }

    /// <summary>The method; null when it could be none or more than one. Constructors and generic methods, whose arguments the dump does not name, are not looked for.</summary>
    public MethodInfo? Find(CountedMethod method)
    {
        var (type, name) = Split(method.Name);
        if (type is null)
        {
            return null;
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        var parameters = CountParameters(method.Signature);
        var found = definition.GetMethods(Own).Where(IsIt).Take(2).ToList();
        return found.Count != 1 || found[0].IsGenericMethodDefinition ? null
            : type.IsGenericType ? (MethodInfo?)MethodBase.GetMethodFromHandle(found[0].MethodHandle, type.TypeHandle) : found[0];

        bool IsIt(MethodInfo candidate) => candidate.Name == name && candidate.GetParameters().Length == parameters
            && candidate.GetMethodBody()?.GetILAsByteArray()?.Length == method.IlSize;
    }

    /// <summary>The type, or null.</summary>
    public Type? FindType(string name)
    {
        try
        {
            return Type.GetType(name, Assembly, (_, simple, _) => simple == _shared.FullName ? _shared
                : _assemblies.Select(assembly => assembly.GetType(simple)).FirstOrDefault(type => type is not null));
        }
        catch (Exception e) when (e is ArgumentException or FileLoadException or FileNotFoundException or NotSupportedException or TypeLoadException)
        {
            // A name that reflection cannot read, such as that of a function pointer.
            return null;
        }

        Assembly? Assembly(AssemblyName wanted) => _assemblies.Find(assembly => assembly.GetName().Name == wanted.Name);
    }

    /// <summary>The assemblies that a type needs, its own first.</summary>
    public IEnumerable<string> AssembliesOf(Type type) =>
        type == _shared ? []
        : type.HasElementType ? AssembliesOf(type.GetElementType()!)
        : type.GetGenericArguments().SelectMany(AssembliesOf).Prepend(type.Assembly.GetName().Name!).Distinct();

    /// <summary>The argument of code that all reference types share. The native compiler knows it by this assembly, which exists nowhere else.</summary>
    private static Type DefineShared()
    {
        const string Home = "System.Private.Canon", Name = "System.__Canon";
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(Home), typeof(object).Assembly);
        assembly.DefineDynamicModule(Home).DefineType(Name, TypeAttributes.Public).CreateType();
        using var content = new MemoryStream();
        assembly.Save(content);
        return Assembly.Load(content.ToArray()).GetType(Name, throwOnError: true)!;
    }

    /// <summary>Cuts a name where type and method meet: an explicit implementation has dots in its own name.</summary>
    private (Type? Type, string Name) Split(string full)
    {
        for (var dot = full.LastIndexOf('.'); dot > 0; dot = full.LastIndexOf('.', dot - 1))
        {
            if (FindType(full[..dot]) is { } type)
            {
                return (type, full[(dot + 1)..]);
            }
        }

        return (null, full);
    }

    private static int CountParameters(string signature)
    {
        var (depth, commas) = (0, 0);
        var list = signature.AsSpan(signature.LastIndexOf(" (", StringComparison.Ordinal) + 2)[..^1];
        foreach (var c in list)
        {
            depth += c is '<' or '(' or '[' ? 1 : c is '>' or ')' or ']' ? -1 : 0;
            commas += c == ',' && depth == 0 ? 1 : 0;
        }

        return list.IsEmpty ? 0 : commas + 1;
    }
}
