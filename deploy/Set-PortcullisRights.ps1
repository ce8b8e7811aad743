<#
.SYNOPSIS
    Gives Portcullis the rights that it needs in a Microsoft 365 tenant, and takes away those that it no longer does.

.DESCRIPTION
    In Microsoft Entra: the app registration with its certificate, its application permissions and the consent to them.
    In Exchange Online: its service principal, a role derived from each built-in one with only the needed cmdlets, a
    role group with these roles, and its membership. Run again with -ClientId, it changes what differs and nothing else.
    -WhatIf shows what it would do.

    The rights stand in -RightsFile, which `portcullis rights --json` prints for an installation's settings. The file
    beside this script is what Portcullis needs with every optional setting off.

    To grant an application permission is admin consent: from then on the application has it in the whole tenant. Each
    is asked about, unless -Confirm:$false is given.

    Needs PowerShell 7, the modules Microsoft.Graph.Applications and ExchangeOnlineManagement, and somebody who may
    register applications, consent to their permissions (Privileged Role Administrator or Global Administrator) and
    manage roles in Exchange (Organization Management).

.PARAMETER Certificate
    The certificate to sign in with, PEM or DER, without its private key. It is added; older ones stay until removed.

.PARAMETER MakeCertificate
    Where a new certificate with its private key is written as PEM, for a year. Guard that file: it is the credential.

.PARAMETER ClientId
    An app registration or a managed identity that is there already: the id that this script put out. Left out: a new app
    registration with this Name.

.EXAMPLE
    portcullis rights --json > rights.json
    ./Set-PortcullisRights.ps1 -RightsFile rights.json -Certificate certificate.pem -WhatIf
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [string] $Name = 'Portcullis',
    [string] $RightsFile = (Join-Path $PSScriptRoot 'rights.json'),
    [string] $Certificate,
    [string] $MakeCertificate,
    [string] $ClientId,
    [ValidateSet('world', 'gcc-high', 'dod')]
    [string] $Cloud = 'world'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$caller = $PSCmdlet
$graphEnvironment = @{ 'world' = 'Global'; 'gcc-high' = 'USGov'; 'dod' = 'USGovDoD' }[$Cloud]
$exchangeEnvironment = @{ 'world' = 'O365Default'; 'gcc-high' = 'O365USGovGCCHigh'; 'dod' = 'O365USGovDoD' }[$Cloud]

function Get-Application {
    # The app registration; nothing where there is none, as with a managed identity.
    $filter = if ($ClientId) { "appId eq '$ClientId'" } else { "displayName eq '$($Name -replace "'", "''")'" }
    $found = @(Get-MgApplication -Filter $filter)
    if ($found -and -not $ClientId) {
        # A name is nobody's: who may register applications can have one of this name, with a secret of their own.
        $ids = @($found | ForEach-Object { $_.AppId }) -join ', '
        throw "An app registration is named $Name already ($ids). If it is yours, run this again with -ClientId and its id."
    }
    if ($found) {
        $fields = 'Id', 'AppId', 'KeyCredentials', 'RequiredResourceAccess'
        Get-MgApplication -ApplicationId $found[0].Id -Property $fields
    }
    elseif (-not $ClientId -and $caller.ShouldProcess($Name, 'Register the application')) {
        New-MgApplication -DisplayName $Name -SignInAudience AzureADMyOrg
    }
}

function Get-Principal([string] $AppId, [string] $Label) {
    # The application's service principal in this tenant, made where there is none.
    $found = Get-MgServicePrincipal -Filter "appId eq '$AppId'"
    if (-not $found -and $caller.ShouldProcess($Label, 'Make its service principal')) {
        $found = New-MgServicePrincipal -AppId $AppId
    }
    return $found
}

function New-Certificate([string] $Path) {
    $key = [System.Security.Cryptography.RSA]::Create(3072)
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new(
        "CN=$Name", $key, [System.Security.Cryptography.HashAlgorithmName]::SHA256,
        [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
    $made = $request.CreateSelfSigned([DateTimeOffset]::UtcNow.AddMinutes(-5), [DateTimeOffset]::UtcNow.AddDays(365))
    # Made empty and closed to others first: the key must not be readable for a moment either.
    New-Item -ItemType File -Path $Path | Out-Null
    if (-not $IsWindows) { chmod 600 $Path }
    Set-Content -Path $Path -Value @($key.ExportPkcs8PrivateKeyPem(), $made.ExportCertificatePem())
    return $made
}

function Add-Certificate($Application) {
    if ($MakeCertificate) {
        if (-not $caller.ShouldProcess($MakeCertificate, 'Write a new certificate with its private key')) { return }
        $credential = New-Certificate $MakeCertificate
    }
    else {
        $path = (Resolve-Path $Certificate).Path
        $credential = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new($path)
    }
    $older = @($Application.KeyCredentials | Where-Object { $_ })
    $known = $older | Where-Object {
        $_.CustomKeyIdentifier -and [Convert]::ToHexString($_.CustomKeyIdentifier) -eq $credential.Thumbprint
    }
    if ($known -or -not $caller.ShouldProcess($credential.Thumbprint, 'Let this certificate sign in')) { return }
    $new = @{ Type = 'AsymmetricX509Cert'; Usage = 'Verify'; Key = $credential.RawData; DisplayName = "CN=$Name" }
    # The collection is replaced as a whole: the older ones are sent along.
    Update-MgApplication -ApplicationId $Application.Id -KeyCredentials ($older + $new)
}

function Set-Permissions($Principal, $Application) {
    # Granted: what the rights name, and nothing else.
    $wanted = @(foreach ($right in $rights.permissions) {
            $api = Get-Principal $right.api $right.api
            $role = $api.AppRoles | Where-Object Value -EQ $right.permission
            if (-not $role) { throw "The tenant knows no application permission $($right.permission)." }
            @{ Key = "$($api.Id) $($role.Id)"; Api = $right.api; ResourceId = $api.Id; AppRoleId = $role.Id
                Permission = $right.permission
            }
        })
    $given = @{}
    Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $Principal.Id -All |
        ForEach-Object { $given["$($_.ResourceId) $($_.AppRoleId)"] = $_ }
    foreach ($right in $wanted | Where-Object { -not $given.ContainsKey($_.Key) }) {
        if ($caller.ShouldProcess($Name, "Admin consent: grant $($right.Permission) in the whole tenant")) {
            New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $Principal.Id -PrincipalId $Principal.Id `
                -ResourceId $right.ResourceId -AppRoleId $right.AppRoleId | Out-Null
        }
    }
    $keys = @($wanted | ForEach-Object { $_.Key })
    foreach ($key in $given.Keys | Where-Object { $_ -notin $keys }) {
        $from = $given[$key].ResourceDisplayName
        if ($caller.ShouldProcess($Name, "Take away the permission $($given[$key].AppRoleId) of $from")) {
            Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $Principal.Id `
                -AppRoleAssignmentId $given[$key].Id
        }
    }
    if ($Application) { Set-ShownPermissions $Application $wanted }
}

function Set-ShownPermissions($Application, $Wanted) {
    # What the app registration shows as wanted. It grants nothing by itself.
    $shown = @(foreach ($access in $Application.RequiredResourceAccess | Where-Object { $_ }) {
            $access.ResourceAccess | ForEach-Object { "$($access.ResourceAppId) $($_.Id)" }
        })
    $new = @($Wanted | ForEach-Object { "$($_.Api) $($_.AppRoleId)" })
    if (-not (Compare-Object $shown $new)) { return }
    if (-not $caller.ShouldProcess($Name, 'Show just these permissions in the app registration')) { return }
    $access = @(foreach ($api in $Wanted | ForEach-Object { $_.Api } | Sort-Object -Unique) {
            $roles = @($Wanted | Where-Object { $_.Api -eq $api } | ForEach-Object { @{ Id = $_.AppRoleId; Type = 'Role' } })
            @{ ResourceAppId = $api; ResourceAccess = $roles }
        })
    Update-MgApplication -ApplicationId $Application.Id -RequiredResourceAccess $access
}

function Get-WantedRoles {
    # Built-in role -> the cmdlets to keep of it. Where the tenant's role lacks one, another that holds it is taken.
    $wanted = @{}
    foreach ($role in $rights.roles) {
        foreach ($cmdlet in $role.cmdlets) {
            $parent = $role.parent
            if (-not (Get-ManagementRoleEntry "$parent\$cmdlet" -ErrorAction SilentlyContinue)) {
                $others = Get-ManagementRole -Cmdlet $cmdlet |
                    Where-Object { $_.IsRootRole -and -not $_.IsEndUserRole } | Sort-Object Name
                if (-not $others) { Write-Warning "No role in this tenant holds $cmdlet."; continue }
                $parent = @($others)[0].Name
                Write-Warning "$($role.parent) doesn't hold $cmdlet here; $parent does."
            }
            if (-not $wanted.ContainsKey($parent)) { $wanted[$parent] = @() }
            $wanted[$parent] += $cmdlet
        }
    }
    return $wanted
}

function Set-DerivedRole([string] $Parent, [string[]] $Cmdlets) {
    $own = "$Name $Parent"
    if (-not (Get-ManagementRole $own -ErrorAction SilentlyContinue)) {
        if ($caller.ShouldProcess($own, "Derive it from $Parent with $($Cmdlets -join ', ')")) {
            New-ManagementRole -Name $own -Parent $Parent -EnabledCmdlets $Cmdlets | Out-Null
        }
        return
    }
    $held = @(Get-ManagementRoleEntry "$own\*" | ForEach-Object { $_.Name })
    foreach ($cmdlet in $Cmdlets | Where-Object { $_ -notin $held }) {
        if ($caller.ShouldProcess($own, "Add $cmdlet")) { Add-ManagementRoleEntry "$own\$cmdlet" }
    }
    foreach ($cmdlet in $held | Where-Object { $_ -notin $Cmdlets }) {
        if ($caller.ShouldProcess($own, "Take $cmdlet away")) { Remove-ManagementRoleEntry "$own\$cmdlet" -Confirm:$false }
    }
}

function Set-RoleGroup([string[]] $Roles, $Principal) {
    $group = Get-RoleGroup $Name -ErrorAction SilentlyContinue
    if (-not $group) {
        if (-not $caller.ShouldProcess($Name, "Make the role group with $($Roles -join ', ')")) { return }
        New-RoleGroup -Name $Name -Roles $Roles -Description 'What Portcullis may do, and nothing else.' | Out-Null
    }
    $assigned = @(Get-ManagementRoleAssignment -RoleAssignee $Name -Delegating $false)
    $given = @($assigned | ForEach-Object { "$($_.Role)" })
    foreach ($role in $Roles | Where-Object { $_ -notin $given }) {
        if ($caller.ShouldProcess($Name, "Give it the role $role")) {
            New-ManagementRoleAssignment -Role $role -SecurityGroup $Name | Out-Null
        }
    }
    foreach ($assignment in $assigned | Where-Object { "$($_.Role)" -notin $Roles }) {
        if ($caller.ShouldProcess($Name, "Take the role $($assignment.Role) away from it")) {
            Remove-ManagementRoleAssignment $assignment.Identity -Confirm:$false
            # A role of this script's own that nothing uses any more; a built-in one can't be removed, and isn't tried.
            if ("$($assignment.Role)" -like "$Name *") { Remove-ManagementRole "$($assignment.Role)" -Confirm:$false }
        }
    }
    $member = Get-ServicePrincipal -Identity $Principal.AppId -ErrorAction SilentlyContinue
    if (-not $member) {
        if (-not $caller.ShouldProcess($Name, 'Make its service principal in Exchange')) { return }
        $member = New-ServicePrincipal -AppId $Principal.AppId -ObjectId $Principal.Id -DisplayName $Name
    }
    $members = @(Get-RoleGroupMember $Name -ErrorAction SilentlyContinue | ForEach-Object { "$($_.Identity)" })
    if ("$($member.Identity)" -in $members) { return }
    if ($caller.ShouldProcess($Name, 'Put the application into the role group')) {
        Add-RoleGroupMember $Name -Member $member.Identity
    }
}

$rights = Get-Content -Raw $RightsFile | ConvertFrom-Json
$scopes = 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'
Connect-MgGraph -Environment $graphEnvironment -Scopes $scopes -NoWelcome
Connect-ExchangeOnline -ExchangeEnvironmentName $exchangeEnvironment -ShowBanner:$false

$application = Get-Application
$id = if ($application) { $application.AppId } else { $ClientId }
$principal = if ($id) { Get-Principal $id $Name }
if ($application -and ($Certificate -or $MakeCertificate)) { Add-Certificate $application }
foreach ($other in $rights.applications) { Get-Principal $other "Microsoft's application $other" | Out-Null }
if ($principal) { Set-Permissions $principal $application }

$roles = Get-WantedRoles
foreach ($parent in $roles.Keys) { Set-DerivedRole $parent $roles[$parent] }
if ($principal) { Set-RoleGroup @($roles.Keys | ForEach-Object { "$Name $_" }) $principal }

if ($id) { "PORTCULLIS_TENANT_ID=$((Get-MgContext).TenantId)", "PORTCULLIS_CLIENT_ID=$id" }
Write-Host 'Exchange can take up to an hour to know. Then run: portcullis doctor --write.'
Write-Host "A directory role that $Name still has in Microsoft Entra gives more than this; take it away there."
