using System.Reflection;
using System.Reflection.Emit;

namespace Fetcher.Tests.Testing;

/// <summary>Reads the bodies of compiled methods (ECMA-335, III).</summary>
internal static class MethodCode
{
    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>The types, fields and methods that a method's body names, each with what is done with it.</summary>
    public static IEnumerable<(OpCode Operation, MemberInfo Member)> MembersUsed(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType!.GetGenericArguments();
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (var at = 0; at < code.Length;)
        {
            var value = code[at++] is var first && first == 0xFE ? (short)(0xFE00 | code[at++]) : (short)first;
            var operation = OpCodesByValue[value];
            if (operation.OperandType is OperandType.InlineTok or OperandType.InlineType or OperandType.InlineField or OperandType.InlineMethod
                && method.Module.ResolveMember(BitConverter.ToInt32(code, at), typeArguments, methodArguments) is { } member)
            {
                yield return (operation, member);
            }

            at += LengthOf(operation.OperandType, code, at);
        }
    }

    private static int LengthOf(OperandType operand, byte[] code, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };
}
