using System.Reflection;

namespace Fetcher.Tests.Testing;

/// <summary>
/// Which types a type uses, read from the compiled assembly: in its declaration, its signatures and the bodies of its methods. Unlike a search of the source
/// for <c>using</c> this sees what a nested namespace takes from the one around it. Constants are not seen, since the compiler copies their values.
/// </summary>
internal static class TypeUses
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>The types that <paramref name="type"/> uses, without their type arguments.</summary>
    public static HashSet<Type> Of(Type type)
    {
        var used = new HashSet<Type>();
        Add(used, type.BaseType);
        AddAll(used, type.GetInterfaces());
        AddAll(used, type.GetCustomAttributesData().Select(attribute => attribute.AttributeType));
        foreach (var field in type.GetFields(Everything))
        {
            Add(used, field.FieldType);
        }

        foreach (var method in type.GetMethods(Everything).Concat<MethodBase>(type.GetConstructors(Everything)))
        {
            AddSignature(used, method);
            AddBody(used, method);
        }

        return used;
    }

    private static void AddSignature(HashSet<Type> used, MethodBase method)
    {
        AddAll(used, method.GetParameters().Select(parameter => parameter.ParameterType));
        Add(used, (method as MethodInfo)?.ReturnType);
    }

    private static void AddBody(HashSet<Type> used, MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
        {
            return;
        }

        AddAll(used, body.LocalVariables.Select(local => local.LocalType));
        AddAll(used, body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause).Select(clause => clause.CatchType!));
        foreach (var (_, member) in MethodCode.MembersUsed(method))
        {
            AddMember(used, member);
        }
    }

    private static void AddMember(HashSet<Type> used, MemberInfo member)
    {
        switch (member)
        {
            case Type type:
                Add(used, type);
                break;
            case FieldInfo field:
                Add(used, field.DeclaringType);
                Add(used, field.FieldType);
                break;
            case MethodBase called:
                Add(used, called.DeclaringType);
                AddSignature(used, called);
                AddAll(used, called.IsGenericMethod ? called.GetGenericArguments() : []);
                break;
        }
    }

    private static void AddAll(HashSet<Type> used, IEnumerable<Type> types)
    {
        foreach (var type in types)
        {
            Add(used, type);
        }
    }

    private static void Add(HashSet<Type> used, Type? type)
    {
        if (type is { HasElementType: true })
        {
            Add(used, type.GetElementType());
        }
        else if (type is { IsGenericParameter: false } && used.Add(type.IsGenericType ? type.GetGenericTypeDefinition() : type))
        {
            AddAll(used, type.GetGenericArguments().Where(argument => argument != type));
        }
    }
}
